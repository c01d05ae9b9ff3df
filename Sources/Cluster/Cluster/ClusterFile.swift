import Core
import Foundation

/// The fields of a cluster file, read and checked; every problem goes to `problems`.
struct ClusterFile {
    let partitionCount: Int
    let nodes: [NodeConfiguration]
    let membership: MembershipSettings?
    /// Entries without a name, one for each role at most; only with `membership`.
    let templates: [NodeTemplate]

    /// What nodes inherit from the file's outermost object.
    struct Shared: Sendable {
        let directory: String
        let model: String?
        let index: String?
        let compute: Compute?
        let keyList: String?
        let key: String?
        let observation: ObservationSettings
        /// Partitions are placed by the shards themselves.
        let isPlaced: Bool
    }

    init(_ value: JSONValue, directory: String, problems: Problems) {
        var file = ObjectReader(value, path: "", problems: problems)
        let membership = Self.membership(&file, directory)
        let isPlaced = file.value("membership") != nil
        let shared = Shared(
            directory: directory,
            model: file.string("model").map { Self.absolute($0, in: directory) },
            index: file.string("index").map { Self.location($0, in: directory) },
            compute: file.choice("compute", of: Compute.self),
            keyList: file.string("keys").map { Self.absolute($0, in: directory) },
            key: file.string("key").map { Self.absolute($0, in: directory) },
            observation: ObservationSettings(&file, directory: directory),
            isPlaced: isPlaced
        )
        Self.refuseAllowRemote(&file)
        if file.value("shards") != nil {
            file.report("shards", "is called \"partitions\": a shard is a node, and serves partitions of the index")
        } else if file.value("partitions") == nil {
            file.report("partitions", "is missing: the number of partitions of the index")
        }
        let partitions = file.integer("partitions", in: 1...ClusterConfiguration.partitionLimit)
        partitionCount = partitions ?? 1

        var nodes: [NodeConfiguration] = []
        var places: [Int] = []
        var templates: [NodeTemplate] = []
        if let entries = file.list("nodes") {
            if entries.count > ClusterConfiguration.nodeLimit {
                file.report("nodes", "\(entries.count) nodes; at most \(ClusterConfiguration.nodeLimit) are allowed")
            }
            for (number, entry) in entries.prefix(ClusterConfiguration.nodeLimit).enumerated() {
                let path = "nodes[\(number)]"
                if isPlaced, NodeTemplate.isTemplate(entry) {
                    guard let template = NodeTemplate(entry, path: path, shared, problems) else { continue }
                    if templates.contains(where: { $0.example.kind == template.example.kind }) {
                        problems.add(path, "a second entry without \"name\" of its role; one is right")
                    }
                    templates.append(template)
                    continue
                }
                var reader = ObjectReader(entry, path: path, problems: problems)
                guard let node = Self.node(&reader, shared) else { continue }
                nodes.append(node)
                places.append(number)
            }
            Self.reportDoubles(nodes.map { ("name", $0.name) }, places, problems)
            // What others connect to must be unique; the same `listen` on different machines is normal.
            Self.reportDoubles(
                nodes.map { ($0.connect == $0.listen ? "listen" : "connect", $0.connect.description) }, places, problems
            )
            ObservationSettings.reportDoubles(nodes, problems)
            // A node that could not be read may be the one that seems missing: then the whole is not checked. Nor is it
            // when the other nodes stand in a registry.
            if nodes.count == entries.count, !isPlaced { Self.checkTogether(nodes, partitions: partitions, problems) }
        } else if file.value("nodes") == nil {
            file.report("nodes", "is missing: the list of the cluster's processes")
        }
        file.reportUnknown()
        self.nodes = nodes
        self.membership = membership
        self.templates = templates
    }

    // MARK: - One node

    static func node(_ reader: inout ObjectReader, _ shared: Shared) -> NodeConfiguration? {
        let name = reader.requiredString("name", "what other nodes, logs and --node call it")
        if let name, !isName(name) {
            reader.report("name", "\"\(name)\" is not 1 to 64 of letters, digits, '-', '_' and '.'")
        }
        if reader.value("role") == nil {
            reader.report("role", "is missing: \"shard\", \"coordinator\" or \"generator\"")
        }
        let kind = reader.choice("role", of: NodeRole.self)
        let keys = keys(&reader, shared)
        let (listen, connect) = endpoints(&reader, kind, hasKeys: keys != nil)
        let model = reader.string("model").map { absolute($0, in: shared.directory) } ?? shared.model
        let index = reader.string("index").map { location($0, in: shared.directory) } ?? shared.index
        let compute = reader.choice("compute", of: Compute.self) ?? shared.compute
        let threads = reader.integer("threads", in: 1...1024)
        let memoryBudget = reader.byteCount("memory_budget")
        let drainMilliseconds = reader.integer("drain_milliseconds", in: 0...3_600_000) ?? 10_000
        let pinsThreads = reader.boolean("pin_threads") ?? false
        let observation = ObservationSettings(&reader, directory: shared.directory, orElse: shared.observation)
        var role: NodeConfiguration.Role?
        if let kind {
            role = Self.role(kind, &reader, index: index, shared)
            if kind == .shard, index == nil {
                reader.report("index", "is missing, here or at the top: the index, a directory or s3://BUCKET/PREFIX")
            }
            if kind != .shard, model == nil {
                reader.report("model", "is missing, here or at the top: the model directory")
            }
            // Without a role it is unknown which fields are right.
            reader.reportUnknown()
        }
        guard let name, let role, let listen else { return nil }
        return NodeConfiguration(
            name: name, role: role, listen: listen, connect: connect ?? listen, model: model, index: index,
            compute: compute, pinsThreads: pinsThreads, threads: threads,
            drainMilliseconds: drainMilliseconds, memoryBudget: memoryBudget, keys: keys, observation: observation
        )
    }

    private static func keys(_ reader: inout ObjectReader, _ shared: Shared) -> KeyPaths? {
        refuseAllowRemote(&reader)
        let list = reader.string("keys").map { absolute($0, in: shared.directory) } ?? shared.keyList
        let own = reader.string("key").map { absolute($0, in: shared.directory) } ?? shared.key
        switch (list, own) {
        case (let list?, let own?): return KeyPaths(list: list, own: own)
        case (nil, nil): return nil
        case (_?, nil): reader.report("key", "is missing, here or at the top, beside \"keys\": the node's own key file")
        case (nil, _?): reader.report("keys", "is missing, here or at the top, beside \"key\": the cluster's key list")
        }
        return nil
    }

    private static func refuseAllowRemote(_ reader: inout ObjectReader) {
        guard reader.value("allow_remote") != nil else { return }
        reader.report(
            "allow_remote",
            "is gone: to listen beyond the machine, name a key list as \"keys\" and a key file as \"key\" "
                + "(`imprag keys create`, docs/security.md)")
    }

    private static func endpoints(
        _ reader: inout ObjectReader, _ kind: NodeRole?, hasKeys: Bool
    ) -> (listen: Endpoint?, connect: Endpoint?) {
        let listen = endpoint("listen", &reader, required: kind != .coordinator)
        let connect = endpoint("connect", &reader, required: false)
        if let listen, !listen.isLocal, !hasKeys {
            reader.report(
                "listen",
                "\(listen) can be reached from other machines, which takes keys: name \"keys\" and \"key\" "
                    + "(for `imprag up` --keys and --key; docs/security.md), or listen on 127.0.0.1 or ipc://")
        }
        if let listen, listen.isWildcard, connect == nil {
            reader.report("connect", "is missing: \(listen) is no address that others can connect to")
        }
        if let connect, connect.isWildcard {
            reader.report("connect", "\(connect) is no address that others can connect to")
        }
        return (listen, connect)
    }

    private static func role(
        _ kind: NodeRole, _ reader: inout ObjectReader, index: String?, _ shared: Shared
    ) -> NodeConfiguration.Role {
        switch kind {
        case .shard: .shard(shard(&reader, index, shared))
        case .coordinator: .coordinator(coordinator(&reader, shared.directory))
        case .generator: .generator(generator(&reader, shared.directory))
        }
    }

    private static func shard(_ reader: inout ObjectReader, _ index: String?, _ shared: Shared) -> ShardSettings {
        let data = reader.string("data").map { absolute($0, in: shared.directory) }
        if let index, shared.isPlaced || isRemote(index), data == nil {
            reader.report("data", "is missing: the directory for replicas of the index in \(index)")
        }
        let placed = shared.isPlaced ? placedShard(&reader) : (weight: nil, zone: nil)
        if shared.isPlaced, let index, let data, standardized(index) == standardized(data) {
            reader.report("data", "is the index directory itself; replicas that move away are deleted there")
        }
        return ShardSettings(
            partitions: shared.isPlaced ? [] : partitions(&reader), weight: placed.weight ?? 1,
            zone: placed.zone ?? "", data: data,
            searchWorkers: reader.integer("search_workers", in: 1...64) ?? 1,
            searchQueue: reader.integer("search_queue", in: 1...65_536) ?? 256,
            maxK: reader.integer("max_k", in: 1...10_000) ?? 1000,
            maxQueries: reader.integer("max_queries", in: 1...4096) ?? 64,
            recall: reader.number("recall", in: SearchOptions.recallRange),
            probes: reader.integer("probes", in: SearchOptions.probesRange),
            candidates: reader.integer("candidates", in: SearchOptions.candidatesRange),
            isReadOnly: reader.boolean("read_only") ?? false,
            checkpointAfter: reader.byteCount("checkpoint_after") ?? ByteCount(64 << 20),
            recallMeterShare: reader.number("recall_meter_share", in: 0...1) ?? 0.02,
            maintenanceShare: reader.number("maintenance_share", in: 0.01...1) ?? 0.25,
            stateBudget: reader.byteCount("state_budget", orNone: true)
        )
    }

    private static func coordinator(_ reader: inout ObjectReader, _ directory: String) -> CoordinatorSettings {
        let settings = CoordinatorSettings(
            maxRequests: reader.integer("max_requests", in: 1...65_536) ?? 512,
            maxBatch: reader.integer("max_batch", in: 1...1024) ?? 16,
            batchWindowMilliseconds: reader.integer("batch_window_milliseconds", in: 0...1000) ?? 0,
            maxPromptTokens: reader.integer("max_prompt_tokens", in: 1...1_000_000) ?? 4096,
            maxK: reader.integer("max_k", in: 0...CoordinatorSettings.kLimit) ?? 100,
            maxAnswerTokens: reader.integer("max_answer_tokens", in: 1...CoordinatorSettings.answerTokenLimit) ?? 2048,
            defaultAnswerTokens: reader.integer("default_answer_tokens", in: 1...CoordinatorSettings.answerTokenLimit)
                ?? 128,
            searchDeadlineShare: reader.number("search_deadline_share", in: 0.05...1) ?? 0.5,
            maxStateMemory: reader.byteCount("max_state_memory") ?? ByteCount(512 << 20),
            maxUpdatePassages: reader.integer("max_update_passages", in: 1...CoordinatorSettings.updatePassageLimit)
                ?? 1000,
            isReadOnly: reader.boolean("read_only") ?? false,
            maxDeadlineMilliseconds: reader.integer("max_deadline_milliseconds", in: 1...86_400_000) ?? 600_000,
            auditLog: reader.string("audit_log").map { absolute($0, in: directory) },
            abstains: reader.boolean("abstain") ?? false
        )
        if settings.defaultAnswerTokens > settings.maxAnswerTokens {
            reader.report(
                "default_answer_tokens",
                "\(settings.defaultAnswerTokens) is more than max_answer_tokens, \(settings.maxAnswerTokens)")
        }
        return settings
    }

    private static func generator(_ reader: inout ObjectReader, _ directory: String) -> GeneratorSettings {
        GeneratorSettings(
            activeRequests: reader.integer("active_requests", in: 1...1024) ?? 16,
            answerMemory: reader.byteCount("answer_memory"),
            passageMemory: reader.byteCount("passage_memory", orNone: true) ?? ByteCount(256 << 20),
            states: states(&reader, directory),
            requestQueue: reader.integer("request_queue", in: 1...65_536) ?? 64
        )
    }

    private static func states(_ reader: inout ObjectReader, _ directory: String) -> StateSettings {
        let codec = reader.choice("state_codec", of: StateCodec.self) ?? .bf16
        let codebooks = reader.string("state_codebooks").map { absolute($0, in: directory) }
        if codec == .pq, codebooks == nil {
            reader.report("state_codebooks", "is missing: the file of codebooks that \"pq\" needs")
        }
        return StateSettings(
            codec: codec, keepsHalf: reader.boolean("state_half") ?? false, codebooks: codebooks)
    }

    private static func partitions(_ reader: inout ObjectReader) -> [Int] {
        guard let values = reader.list("partitions") else {
            if reader.value("partitions") == nil {
                reader.report("partitions", "is missing: the numbers of the partitions that it serves, as in [0]")
            }
            return []
        }
        if values.isEmpty { reader.report("partitions", "is empty; a shard serves at least one, as in [0]") }
        var numbers: [Int] = []
        for (position, value) in values.enumerated() {
            if case .integer(let number) = value, number >= 0 {
                if numbers.contains(number) {
                    reader.report("partitions[\(position)]", "names partition \(number) again; once is right")
                } else {
                    numbers.append(number)
                }
            } else {
                reader.report("partitions[\(position)]", "a whole number from 0 is right, not \(value.kind)")
            }
        }
        return numbers
    }

    private static func endpoint(_ key: String, _ reader: inout ObjectReader, required: Bool) -> Endpoint? {
        let standard = key == "listen" && !required ? Endpoint.defaultCoordinator : nil
        if required, reader.value(key) == nil {
            reader.report(key, "is missing: tcp://HOST:PORT or ipc://PATH")
        }
        let isAbsent = reader.value(key) == nil
        guard let text = reader.string(key) ?? (isAbsent ? standard : nil) else { return nil }
        do {
            return try Endpoint(text)
        } catch {
            reader.report(key, error.message)
            return nil
        }
    }

    // MARK: - All nodes

    private static func checkTogether(
        _ nodes: [NodeConfiguration], partitions: Int?, _ problems: Problems
    ) {
        for role in [NodeRole.coordinator, .generator] where !nodes.contains(where: { $0.kind == role }) {
            problems.add("nodes", "no node has the role \"\(role.rawValue)\"; at least one is right")
        }
        if let example = nodes.first(where: { $0.keys != nil }), let other = nodes.first(where: { $0.keys == nil }) {
            problems.add(
                "nodes",
                "\(example.name) has keys, and \(other.name) has none; all nodes of a cluster, or none, have \"keys\" and "
                    + "\"key\"")
        }
        if let partitions { checkCoverage(nodes, partitions, problems) }
        checkDirectories(nodes, problems)
        checkCollections(nodes, problems)
    }

    private static func checkCoverage(_ nodes: [NodeConfiguration], _ count: Int, _ problems: Problems) {
        var owners: [Int: [String]] = [:]
        for node in nodes {
            guard case .shard(let settings) = node.role else { continue }
            for partition in settings.partitions { owners[partition, default: []].append(node.name) }
        }
        for partition in owners.keys.sorted() {
            let names = owners[partition] ?? []
            if partition >= count {
                problems.add(
                    "nodes",
                    "\(names.joined(separator: ", ")) serves partition \(partition), but \"partitions\" is \(count)")
            }
        }
        let missing = (0..<count).filter { owners[$0] == nil }
        if !missing.isEmpty {
            let list = missing.prefix(8).map(String.init).joined(separator: ", ") + (missing.count > 8 ? ", …" : "")
            problems.add("nodes", "no shard serves partition \(list); every partition needs one")
        }
    }

    /// Reports every partition of which two shards of one machine would keep their replicas in one directory. Only
    /// replicas that nobody writes can be shared.
    private static func checkDirectories(_ nodes: [NodeConfiguration], _ problems: Problems) {
        struct Place: Hashable {
            let machine: String
            let directory: String
            let partition: Int
        }
        var owners: [Place: (name: String, isReadOnly: Bool)] = [:]
        for node in nodes {
            // An index in a bucket without a directory for replicas is a problem of its own.
            guard case .shard(let settings) = node.role, let directory = settings.data ?? node.index,
                !isRemote(directory)
            else { continue }
            for partition in settings.partitions {
                let place = Place(
                    machine: node.connect.remoteHost ?? "", directory: standardized(directory), partition: partition)
                guard let owner = owners[place] else {
                    owners[place] = (node.name, settings.isReadOnly)
                    continue
                }
                guard !owner.isReadOnly || !settings.isReadOnly else { continue }
                problems.add(
                    "nodes",
                    "\(owner.name) and \(node.name) both keep a replica of partition \(partition) in \(directory); give each "
                        + "its own \"data\" (default: the index directory), or make both \"read_only\"")
            }
        }
    }

    /// Reports nodes that follow or write different logs: what is committed to the one never reaches the replicas of
    /// the other. Copies that are only read may lie anywhere. Directories are compared per machine, and buckets as they
    /// are spelled.
    private static func checkCollections(_ nodes: [NodeConfiguration], _ problems: Problems) {
        var first: [String: (name: String, index: String)] = [:]
        for node in nodes {
            guard let index = node.index else { continue }
            switch node.role {
            case .shard(let settings) where !settings.isReadOnly: break
            case .coordinator(let settings) where !settings.isReadOnly: break
            default: continue
            }
            let machine = isRemote(index) ? "" : node.connect.remoteHost ?? ""
            let place = isRemote(index) ? index : standardized(index)
            guard let other = first[machine] else {
                first[machine] = (node.name, place)
                continue
            }
            guard other.index != place else { continue }
            problems.add(
                "nodes",
                "\(other.name) has the \"index\" \(other.index) and \(node.name) has \(place): these are two collections, with a log each; "
                    + "give both the same, or make one \"read_only\"")
        }
    }

    /// One spelling of a directory's path.
    private static func standardized(_ directory: String) -> String {
        let path = URL(filePath: directory).standardized.path(percentEncoded: false)
        return path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }

    private static func reportDoubles(_ values: [(field: String, text: String)], _ places: [Int], _ problems: Problems)
    {
        var first: [String: Int] = [:]
        for (value, place) in zip(values, places) {
            if let earlier = first[value.text] {
                problems.add(
                    "nodes[\(place)].\(value.field)",
                    "\(value.text) is also that of nodes[\(earlier)]; each needs its own")
            } else {
                first[value.text] = place
            }
        }
    }

    static func isName(_ name: String) -> Bool {
        (1...64).contains(name.utf8.count) && name.utf8.allSatisfy(\.isNameByte)
    }

    /// Where an index is kept: a path, made absolute, or something else that a store understands.
    private static func location(_ text: String, in directory: String) -> String {
        isRemote(text) ? text : absolute(text, in: directory)
    }

    static func isRemote(_ location: String) -> Bool { location.contains("://") }

    static func absolute(_ path: String, in directory: String) -> String {
        path.hasPrefix("/")
            ? path : URL(filePath: directory).appending(path: path).standardized.path(percentEncoded: false)
    }
}
