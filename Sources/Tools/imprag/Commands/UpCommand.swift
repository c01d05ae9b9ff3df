import Client
import Cluster
import Core
import Foundation
import Gateway
import Model
import ObjectStore
import Platform
import Storage
import Synchronization

let upCommand = Command(
    name: "up",
    summary: "Runs a whole local cluster until Ctrl-C",
    discussion: """
        Starts one shard for each partition of the index, a coordinator and a generator as child processes, prints one line
        when all of them are ready, and stops all of them on Ctrl-C. The nodes' logs go to standard error, each line with its
        node's name. HTTP is served too; a cluster with --keys serves it with a --gateway-key, to clients with keys. Updates are taken, which one cluster at a time can do with an index; see --read-only. States of passages that
        `imprag index --store-kv` has stored are used.
        """,
    options: [
        .required("model", "DIR", "the model directory"),
        .required(
            "index", "LOCATION",
            "the index that `imprag index` made with this model: a directory, or s3://BUCKET/PREFIX"),
        .optional("data", "DIR", "where replicas of an index in a bucket are kept (default: the index directory)"),
        .optional("endpoint", "ENDPOINT", "where the coordinator listens (default: where `imprag ask` looks)"),
        .optional("generators", "N", "generator processes (default: 1)"),
        .optional(
            "compute", "f32|bf16|int8", "arithmetic of the matrix products (default: what the weights are stored in)"),
        .optional("threads", "N", "threads for matrix products in each process (default: one a core)"),
        .optional(
            "state-budget", "SIZE",
            "disk for passage states, of all shards together, as in \"2 GiB\"; 0 for none (default: read what is stored)"
        ),
        .optional(
            "state-codec", "CODEC",
            "how passage states are stored: \(stateCodecs) (default: as in the index; else bf16)"),
        .flag("state-half", "with --state-codec: keep the half of each passage's tokens that receives most attention"),
        .optional(
            "keys", "FILE",
            "the key list, by which the coordinator lets clients in; with an --endpoint that other machines reach"),
        .optional("key", "FILE", "the coordinator's own key file, of the role node; with --keys"),
        .optional("audit-log", "FILE", "a line for each update: who, when, what came of it (default: none)"),
        .optional(
            "metrics", "HOST:PORT",
            "serve the coordinator's metrics and probes there by HTTP, the other nodes' at the ports that follow (default: no)"
        ),
        .optional("trace-file", "FILE", "append the spans of sampled requests there (default: none are recorded)"),
        .optional(
            "trace-share", "X", "with --trace-file: begin traces for this share of requests, 0 to 1 (default: 0)"),
        .optional(
            "http", "HOST:PORT", "where the gateway serves HTTP, on this machine (default: \(Gateway.defaultAddress))"),
        .optional(
            "gateway-key", "FILE",
            "with --keys: the key file by which the gateway asks the coordinator (default: IMPRAG_KEY, else no gateway)"
        ),
        .flag("no-gateway", "serve no HTTP"),
        .flag("abstain", "answer only where the passages give reason to, unless a request says otherwise"),
        .flag("read-only", "refuse updates: several clusters can then serve one index"),
    ],
    example: "imprag up --model Models/encyclopedia-tiny --index index",
    run: { arguments in
        if let endpoint = arguments.string("endpoint") { try checkEndpoint(endpoint) }
        let location = arguments.required("index")
        var plan = ClusterPlan(model: arguments.required("model"), index: location)
        plan.data = arguments.string("data")
        guard plan.data != nil || !location.contains("://") else {
            throw UsageError(message: "an index in a bucket needs a directory for its replicas: --data DIR")
        }
        if let endpoint = arguments.string("endpoint") { plan.endpoint = endpoint }
        plan.generatorCount = try arguments.integer("generators", in: 1...ClusterPlan.generatorLimit) ?? 1
        plan.compute = try arguments.choice("compute", as: Compute.self)
        plan.threads = try arguments.integer("threads", in: 1...1024)
        plan.stateBudget = try arguments.byteCount("state-budget")
        let stateCodec = try chosenStateCodec(arguments)
        plan.keys = try keyPaths(arguments)
        plan.auditLog = arguments.string("audit-log")
        plan.abstains = arguments.has("abstain")
        plan.isReadOnly = arguments.has("read-only")
        try observe(&plan, arguments)
        let http = try gatewayAddress(arguments)
        try checkModel(arguments)
        let index = try openIndex(location, replicas: plan.data)
        plan.partitionCount = index.partitionCount
        plan.states = try stateSettings(stateCodec, keepsHalf: arguments.has("state-half"), index)
        _ = try await runCluster(plan, log: { printError($0) }) { endpoint, elapsed in
            if let http {
                serveHTTP(http, endpoint, keysPath: arguments.string("keys"), keyFile: gatewayKey(arguments))
            }
            StandardStream.output.writeLine(
                "ready: \(index.passages) passages at \(endpoint) after \(readable(elapsed)); Ctrl-C stops")
        }
    }
)

/// The key file by which the gateway asks a coordinator that takes keys.
private func gatewayKey(_ arguments: Arguments) -> String? { arguments.string("gateway-key") ?? keyFileOfEnvironment() }

/// Where to serve HTTP; nil for nowhere.
private func gatewayAddress(_ arguments: Arguments) throws -> Endpoint? {
    if arguments.has("gateway-key"), !arguments.has("keys") {
        throw UsageError(message: "--gateway-key is for a cluster with --keys")
    }
    let isKeyless = arguments.has("keys") && gatewayKey(arguments) == nil
    if arguments.has("http"), arguments.has("no-gateway") || isKeyless {
        throw UsageError(
            message: isKeyless
                ? "--http of a cluster with --keys needs a --gateway-key FILE, of the role read, write or admin, by which the "
                    + "gateway asks"
                : "--http and --no-gateway do not go together")
    }
    guard !arguments.has("no-gateway"), !isKeyless else { return nil }
    let address = try httpAddress("http", arguments)
    guard address.isLocal else {
        throw UsageError(
            message:
                "--http is for this machine alone, as in \(Gateway.defaultAddress); `imprag gateway --keys FILE` serves others"
        )
    }
    return address
}

/// Serves HTTP for as long as the process lives; when that cannot be, the cluster goes on without it.
private func serveHTTP(_ address: Endpoint, _ endpoint: String, keysPath: String?, keyFile: String?) {
    do throws(ImpRAGError) {
        var options = GatewayOptions()
        options.keysPath = keysPath
        let gateway = try Gateway(
            address: address, options: options, clock: SystemClock.shared,
            client: ClusterClient(endpoint: endpoint, keyFile: keysPath == nil ? nil : keyFile))
        runningGateway.withLock { $0 = gateway }
        printError("up: OpenAI's clients find the cluster at \(gateway.url)/v1")
    } catch {
        printError("up: no gateway: \(error.message); --http HOST:PORT chooses another address")
    }
}

/// The gateway of this process, which must not go before the cluster does.
private let runningGateway = Mutex<Gateway?>(nil)

private func keyPaths(_ arguments: Arguments) throws -> KeyPaths? {
    switch (arguments.string("keys"), arguments.string("key")) {
    case (let list?, let own?): return KeyPaths(list: list, own: own)
    case (nil, nil): return nil
    default: throw UsageError(message: "--keys and --key go together")
    }
}

private func observe(_ plan: inout ClusterPlan, _ arguments: Arguments) throws {
    if let text = arguments.string("metrics") {
        do {
            plan.metrics = try Endpoint("tcp://" + text)
        } catch {
            throw UsageError(message: "--metrics is \"\(text)\"; HOST:PORT is right, as in 127.0.0.1:9464")
        }
    }
    plan.traceFile = arguments.string("trace-file")
    if let share = try arguments.number("trace-share", in: 0...1) {
        guard plan.traceFile != nil else {
            throw UsageError(message: "--trace-share is about --trace-file, which is not given")
        }
        plan.traceShare = share
    }
}

/// The index at `location`; of one in a bucket, the replicas are in `replicas`.
private func openIndex(_ location: String, replicas: String?) throws -> IndexDirectory {
    guard let replicas, location.contains("://") else { return try IndexDirectory(path: location) }
    let store = try openObjectStore(location, environment: ProcessInfo.processInfo.environment)
    let manifest = try StoredCollection(store).manifest(deadline: .after(milliseconds: 30_000))
    return IndexDirectory(replicasIn: replicas, of: manifest)
}

private func chosenStateCodec(_ arguments: Arguments) throws -> StateCodec? {
    let codec = try arguments.choice("state-codec", as: StateCodec.self)
    guard codec != nil || !arguments.has("state-half") else {
        throw UsageError(message: "--state-half is about --state-codec, which is not given")
    }
    return codec
}

/// The state settings of the command line, else those the index was made with, else none.
private func stateSettings(_ chosen: StateCodec?, keepsHalf: Bool, _ index: IndexDirectory) throws -> StateSettings? {
    let made = index.manifest.states
    guard let codec = try chosen ?? made.map({ try codec($0, of: index) }) else { return nil }
    let isQuantized = codec == .pq
    guard !isQuantized || FileManager.default.fileExists(atPath: index.codebooksPath) else {
        throw ImpRAGError(
            .failedPrecondition,
            "codec pq needs codebooks, and \(index.codebooksPath) is missing; `imprag index --store-kv pq` makes it")
    }
    return StateSettings(
        codec: codec, keepsHalf: chosen == nil ? made?.keepsHalf ?? false : keepsHalf,
        codebooks: isQuantized ? index.codebooksPath : nil)
}

private func codec(_ states: IndexManifest.States, of index: IndexDirectory) throws(ImpRAGError) -> StateCodec {
    guard let codec = StateCodec(rawValue: states.codec) else {
        throw ImpRAGError(
            .failedPrecondition,
            "\(index.path) was made with passage states of the codec \"\(states.codec)\"; known are \(stateCodecs)")
    }
    return codec
}
