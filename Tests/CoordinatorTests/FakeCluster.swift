import Cluster
import Core
import Messaging
import Model
import Platform
import SimulatedWorld
import Storage
import Synchronization
import TestSupport
import Wire

@testable import Coordinator

/// A real coordinator on a simulated network, with fake shards, generator and model.
final class FakeCluster: Sendable {
    static let model = fingerprint(of: 1)
    static let otherModel = fingerprint(of: 2)

    private static func fingerprint(of byte: UInt8) -> Fingerprint {
        guard let fingerprint = Fingerprint(bytes: Array(repeating: byte, count: 32)) else {
            preconditionFailure("32 bytes are a fingerprint")
        }
        return fingerprint
    }

    /// How a fake node behaves.
    enum Behaviour: Sendable {
        case normal
        /// Takes requests and never answers any, status included: a stopped process.
        case silent
        /// A shard that is there, and answers no search.
        case mute
        case fails(ImpRAGError)
        /// Says that it runs another model.
        case otherModel
        /// Nothing listens at its endpoint.
        case absent
        /// A shard that knows neither filters nor words.
        case old
        /// A generator that makes tokens until it is cancelled.
        case endless

        var isOld: Bool {
            if case .old = self { return true }
            return false
        }
    }

    let encoder: FakeEncoder
    let service: CoordinatorService
    let peers: Peers
    let server: NodeServer
    let client: Messenger
    let coordinator: Peer
    /// Requests that reached the shards.
    let shardSearches = Atomic(0)
    /// The latest search at a shard.
    let lastOptions = Mutex(SearchOptions())
    let lastWords = Mutex<WordsQuery?>(nil)
    /// Where updates are committed.
    let store = MemoryStore()
    /// A reader of what is there.
    let collectionLog: CollectionLog
    /// What each shard was told of the log.
    let applies = Mutex<[String: [ApplyRequest]]>([:])
    /// Requests cancelled at the generator.
    let cancelledGenerations = Atomic(0)
    let log = Mutex<[String]>([])
    /// The traces that requests to other nodes carried, without those for status.
    let traces = Mutex<[(node: String, trace: TraceContext?)]>([])
    /// Nodes that have stopped answering anything: what they get waits.
    let hung = Mutex<Set<String>>([])
    private let nodes: [Messenger]
    private let requests: Mutex<[IncomingRequest]>
    private let completed = Promise<Void>()

    /// - Parameter replicas: of each partition, by shards beside each other.
    init(
        shards: [Behaviour] = [.normal, .normal], generator: Behaviour = .normal, secondGenerator: Behaviour? = nil,
        encoder: FakeEncoder = FakeEncoder(),
        settings: String = "", replicas: Int = 1, tracer: Tracer? = nil
    ) throws {
        let environment = NodeEnvironment.inTest
        self.encoder = encoder
        let cluster = try ClusterConfiguration(
            text: """
                { "partitions": \(shards.count / replicas), "model": "m", "index": "i", "nodes": [
                    { "name": "front", "role": "coordinator", "listen": "ipc:///c" \(settings) },
                    \(shards.indices.map { """
                        { "name": "shard-\($0)", "role": "shard", "partitions": [\($0 / replicas)], "data": "/d\($0)",
                          "listen": "ipc:///s\($0)" },
                        """ }.joined())
                    \(secondGenerator == nil ? "" : """
                        { "name": "writer-2", "role": "generator", "listen": "ipc:///g2" },
                        """)
                    { "name": "writer", "role": "generator", "listen": "ipc:///g" } ] }
                """, source: "test", directory: "/")
        requests = Mutex([])
        var nodes: [Messenger] = []
        let box = WeakBox()
        for (node, behaviour) in zip(
            cluster.nodes.dropFirst(), shards + [secondGenerator, generator].compactMap { $0 })
        {
            if case .absent = behaviour { continue }
            let messenger = try environment.messenger(node.name, limits: MessagingLimits())
            try messenger.listen(on: node.listen.description) { request in
                box.cluster.withLock { $0 }?.receive(request, node, behaviour)
            }
            nodes.append(messenger)
        }
        self.nodes = nodes
        let node = try cluster.node(named: "front")
        guard case .coordinator(let coordinatorSettings) = node.role else {
            throw ImpRAGError(.internal, "no coordinator")
        }
        server = try NodeServer(node, tracer: tracer, on: environment)
        let (completed, loud) = (completed, box)
        peers = try Peers(
            cluster.topology, of: "front", fingerprint: encoder.fingerprint, messenger: server.messenger,
            environment: environment,
            log: { line in loud.cluster.withLock { $0 }?.log.withLock { $0.append(line) } },
            onComplete: { completed.fulfil(.success(())) }, onRefused: { _ in })
        let collection = StoredCollection(store)
        try collection.write(
            IndexManifest(
                collection: CollectionID.random().description, fingerprint: encoder.fingerprint.description, model: "m",
                dimension: encoder.shape.keyWidth,
                partitions: (0..<shards.count / replicas).map {
                    IndexManifest.Partition(directory: "partition-000\($0)", passages: 100, checksum: "")
                },
                corpus: IndexManifest.Corpus(
                    files: [], formatName: nil, wordsPerPassage: 100, skipsBadLines: false, arithmetic: "f32",
                    batchRows: 1, documents: 0, duplicates: 0, badLines: 0)), deadline: .inTest())
        let open = { @Sendable () throws(ImpRAGError) in
            CollectionLog(collection, try collection.manifest(expecting: FakeCluster.model, deadline: .inTest()))
        }
        collectionLog = try open()
        service = try CoordinatorService(
            encoder: encoder, settings: coordinatorSettings, peers: peers, detail: "test",
            metrics: server.metrics, on: environment,
            arithmetic: Arithmetic(build: Build.version, compute: "f32", kernels: "portable"),
            readCollection: { deadline throws(ImpRAGError) in
                let manifest = try collection.manifest(deadline: deadline).manifest
                return CollectionFacts(id: manifest.collection, name: "fake", certainty: manifest.certainty ?? [])
            }, openLog: coordinatorSettings.isReadOnly ? nil : open)
        client = try environment.messenger("", limits: MessagingLimits())
        coordinator = try client.connect(to: server.endpoint, name: "front")
        box.cluster.withLock { $0 = self }
        server.serve(service)
        peers.watch()
    }

    func stop() {
        client.close()
        _ = server.stop(milliseconds: 5000)
        for node in nodes { node.close() }
    }

    /// Returns when the coordinator has reached every node.
    func waitUntilComplete() async throws {
        try await completed.value()
    }

    /// Everything that comes back for an ask.
    struct Answer {
        var sources: AskSources?
        var text = ""
        var done: AskDone?
    }

    func ask(_ ask: AskRequest, milliseconds: Int = 30_000) async throws(ImpRAGError) -> Answer {
        var answer = Answer()
        let replies = try coordinator.stream(.ask(ask), deadline: .inTest(milliseconds: milliseconds))
        while let reply = try await replies.next() {
            switch reply.body {
            case .sources(let sources): answer.sources = sources
            case .token(let token): answer.text += token.text
            case .askDone(let done): answer.done = done
            default: throw ImpRAGError(.internal, reply.body.name)
            }
        }
        return answer
    }

    func status(milliseconds: Int = 30_000) async throws(ImpRAGError) -> [NodeStatus] {
        let reply = try await coordinator.call(.status, deadline: .inTest(milliseconds: milliseconds))
        guard case .status(let status) = reply.body else { throw ImpRAGError(.internal, reply.body.name) }
        return status.nodes
    }

    // MARK: - The fake nodes

    private final class WeakBox: Sendable {
        let cluster = Mutex<FakeCluster?>(nil)
    }

    private func receive(_ request: IncomingRequest, _ node: NodeConfiguration, _ behaviour: Behaviour) {
        if case .silent = behaviour {
            // Kept, because a request that is dropped answers by itself.
            return requests.withLock { $0.append(request) }
        }
        if hung.withLock({ $0.contains(node.name) }) { return requests.withLock { $0.append(request) } }
        if case .status = request.body {
        } else {
            traces.withLock { $0.append((node.name, request.callerTrace)) }
        }
        var fingerprint = Self.model
        if case .otherModel = behaviour { fingerprint = Self.otherModel }
        switch request.body {
        case .status:
            let status = NodeStatus(
                name: node.name, role: node.kind, state: .ready, passages: node.kind == .shard ? 100 : 0,
                fingerprint: fingerprint,
                partitions: Self.partitions(of: node).map {
                    PartitionFigures(partition: $0, passages: 100, epoch: 0)
                })
            request.reply(.status(StatusReply(nodes: [status])))
        case .shardSearch(let search):
            shardSearches.add(1, ordering: .relaxed)
            lastOptions.withLock { $0 = search.options }
            lastWords.withLock { $0 = search.words }
            if case .mute = behaviour { return requests.withLock { $0.append(request) } }
            if case .fails(let error) = behaviour {
                request.fail(error)
                return
            }
            let hits = (0..<search.k).map { rank in
                ScoredPassage(
                    passage: Passage(id: "\(node.name)/\(rank)", title: "Title", text: "text"), score: Float(-rank),
                    rank: rank)
            }
            request.reply(
                .shardSearch(
                    ShardSearchReply(
                        queries: search.k == 0 ? [] : [QueryHits(passages: hits)], passagesSearched: 100,
                        isFiltered: search.options.filter != nil && !behaviour.isOld,
                        words: behaviour.isOld ? nil : search.words.map { Self.words($0, node.name) },
                        partitions: search.partitions.map {
                            PartitionFigures(partition: $0, passages: 100, epoch: search.options.minEpoch)
                        })),
                fingerprint: fingerprint)
        case .apply(let apply):
            applies.withLock { $0[node.name, default: []].append(apply) }
            if case .fails(let error) = behaviour { return _ = request.fail(error) }
            let partitions = Set(Self.partitions(of: node))
            let entry = try? collectionLog.entry(apply.epoch, partitions: partitions, deadline: .inTest())
            var reply = ApplyReply(epoch: apply.epoch)
            if let update = apply.update {
                reply.partitions = partitions.sorted().map { partition in
                    let changes = entry?.changes[partition, default: []].count { $0.update == update } ?? 0
                    // As if every second one had existed.
                    return PartitionOutcome(
                        partition: partition, inserted: changes - changes / 2, replaced: changes / 2, deleted: changes)
                }
            }
            request.reply(.apply(reply))
        case .generate(let generate):
            generation(request, generate, behaviour)
        default:
            request.fail(ImpRAGError(.invalidArgument, request.body.name))
        }
    }

    private static func partitions(of node: NodeConfiguration) -> [Int] {
        if case .shard(let settings) = node.role { settings.partitions } else { [] }
    }

    /// Three passages: words rank the third by vector first.
    private static func words(_ query: WordsQuery, _ node: String) -> ShardWords {
        let terms = query.text.split(separator: " ").map(String.init)
        return ShardWords(
            terms: terms, passages: 100, tokens: 1000, passagesWithTerm: terms.map { _ in 10 },
            hits: (0..<min(3, query.count)).map { rank in
                ShardWordHit(
                    passage: Passage(id: "\(node)/\(2 - rank)", title: "Title", text: "text"),
                    frequencies: terms.map { _ in 3 - rank }, length: 10)
            })
    }

    private func generation(_ request: IncomingRequest, _ generate: GenerateRequest, _ behaviour: Behaviour) {
        switch behaviour {
        case .fails(let error):
            request.fail(error)
        case .otherModel:
            // As a real one does when the coordinator has not polled it yet.
            request.fail(ImpRAGError(.failedPrecondition, "the prompt state is of another model"))
        case .endless:
            request.onCancel { self.cancelledGenerations.add(1, ordering: .relaxed) }
            requests.withLock { $0.append(request) }
            for _ in 0..<3 {
                request.reply(.token(AnswerToken(text: "on and ", token: 1, logprob: 0)), more: true)
            }
        default:
            // The answer echoes what arrived: the passages and the sum of the hidden states.
            let sum = (try? request.tensors[0].floats("hidden", shape: [nil, 2]))?.reduce(0, +) ?? .nan
            let texts = generate.passages.map(\.id) + ["sum \(sum)"]
            for (token, text) in texts.enumerated() {
                request.reply(.token(AnswerToken(text: text + ";", token: Int32(token), logprob: -1)), more: true)
            }
            request.reply(
                .generateDone(
                    GenerateDone(
                        end: .stop, passageAttention: generate.passages.map { _ in 0.25 },
                        generatedTokenCount: texts.count, timings: Timings(read: .milliseconds(3)),
                        arithmetic: Arithmetic(build: "0.1.0", compute: "bf16", kernels: "avx2"))))
        }
    }
}

/// A model without weights: a token for each byte, a hidden state of two numbers for each token.
final class FakeEncoder: PromptEncoder {
    let fingerprint = FakeCluster.model
    let shape = RequestShape(
        hiddenSize: 2, bottomBoundary: 1, keyWidth: 1, vocabularySize: 256, maxPassageTokens: 10, maxPositions: 1000,
        topK: 2, encoding: .concatenated)
    /// Sizes of the batches so far.
    let batches = Mutex<[Int]>([])
    /// Sizes of the batches of passages so far.
    let embedded = Mutex<[Int]>([])
    /// How long a batch of passages takes.
    private let passageTime: Duration
    private let world: World?

    /// How long a batch of texts to embed takes.
    private let embeddingTime: Duration

    init(passageTime: Duration = .zero, embeddingTime: Duration = .zero) {
        self.passageTime = passageTime
        self.embeddingTime = embeddingTime
        world = SimulatedTest.current?.world
    }

    /// A passage's vector is the number of bytes that it has; a text "bad" has none.
    func embed(passages: [Passage]) throws(ImpRAGError) -> [Float] {
        embedded.withLock { $0.append(passages.count) }
        world?.elapse(passageTime)
        return passages.map { $0.text == "bad" ? .nan : Float($0.content.utf8.count) }
    }

    func cutCount(of passages: [Passage]) throws(ImpRAGError) -> Int {
        passages.count { $0.content.utf8.count > shape.maxPassageTokens }
    }

    func tokens(ofPrompt prompt: String) throws(ImpRAGError) -> [Int32] { [1] + prompt.utf8.map { Int32($0) } }

    func tokens(ofPassage text: String) throws(ImpRAGError) -> (tokens: [Int32], isCut: Bool) {
        let tokens = try tokens(ofPrompt: text)
        return (Array(tokens.prefix(shape.maxPassageTokens)), tokens.count > shape.maxPassageTokens)
    }

    /// A query's vector is the sum of its tokens, a passage's less than 0.
    func embed(_ sequences: [[Int32]], as role: EmbeddingRole) throws(ImpRAGError) -> [Float] {
        batches.withLock { $0.append(sequences.count) }
        world?.elapse(embeddingTime)
        if sequences.contains(where: { $0.contains(66) }) { throw ImpRAGError(.invalidArgument, "a bad text") }
        return sequences.map { Float($0.reduce(0, +)) * (role == .query ? 1 : -1) }
    }

    /// The contents, each after its role.
    func tokens(ofChat messages: [ChatMessage]) throws(ImpRAGError) -> [Int32] {
        try tokens(ofPrompt: messages.map { "\($0.role): \($0.content)\n" }.joined())
    }

    func states(of prompts: [PromptRequest]) throws(ImpRAGError) -> [PromptState] {
        batches.withLock { $0.append(prompts.count) }
        // A prompt with a capital B breaks the model, alone or in a batch.
        if prompts.contains(where: { $0.tokens.contains(66) }) { throw ImpRAGError(.internal, "a bad prompt") }
        return prompts.map { prompt in
            let count = prompt.tokens.count
            return PromptState(
                tokens: prompt.tokens, requestedPassages: prompt.k,
                hidden: prompt.tokens.flatMap { [Float($0), 0] }, keys: .f32(Array(repeating: 0, count: count)),
                values: .f32(Array(repeating: 0, count: count)), queryEmbedding: [1, 2, 3])
        }
    }
}
