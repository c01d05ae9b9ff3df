import Cluster
import Core
import Messaging
import Platform
import SimulatedWorld
import Storage
import TestSupport
import Testing
import VectorIndex
import Wire

@testable import Shard

/// A shard behind a real socket, over partitions that are made up.
struct ShardServiceTests {
    private static let model = Fingerprint(bytes: Array(repeating: 7, count: 32))
    private static let otherModel = Fingerprint(bytes: Array(repeating: 9, count: 32))

    /// Passages on the first axis: the score of number `n` is `n` times the query's first number.
    private struct Partition: SearchEngine {
        let numbers: [Int]
        let fingerprint: Fingerprint
        let dimension = 3
        var count: Int { numbers.count }

        let partition: Int
        let partitionCount = 2
        let epoch = 0
        var figures: EngineFigures { EngineFigures() }

        func apply(_ changes: [LoggedChange], epoch: Int) throws(ImpRAGError) -> [Int: UpdateOutcome] {
            throw ImpRAGError(.failedPrecondition, "made up")
        }

        func stop() {}

        /// A passage has every term as often as its number says; the text "none" is for a partition without a lexical
        /// index.
        func searchWords(
            _ text: String, count: Int, filter: Filter?, deadline: Deadline
        ) throws(ImpRAGError) -> ShardWords? {
            guard text != "none" else { return nil }
            let terms = text.split(separator: " ").map(String.init)
            return ShardWords(
                terms: terms, passages: numbers.count, tokens: 10 * numbers.count,
                passagesWithTerm: terms.map { _ in numbers.count },
                hits: numbers.sorted(by: >).prefix(count).map { number in
                    ShardWordHit(
                        passage: Passage(id: "p\(number)", title: "", text: "\(number)"),
                        frequencies: terms.map { _ in number }, length: 10)
                })
        }

        func search(
            _ queries: [Float], k: Int, options: SearchOptions, deadline: Deadline
        ) throws(ImpRAGError) -> [[Hit]] {
            stride(from: 0, to: queries.count, by: dimension).map { start in
                numbers.map { Hit(row: $0, score: Float($0) * queries[start]) }.sorted { $0.score > $1.score }
                    .prefix(k).map { $0 }
            }
        }

        func passages(rows: [Int]) throws(ImpRAGError) -> [Passage?] {
            rows.map { Passage(id: "p\($0)", title: "", text: "\($0)") }
        }
    }

    private struct Fixture {
        let directory: TemporaryDirectory
        let server: NodeServer
        let client: Messenger
        let shard: Peer

        func stop() {
            client.close()
            #expect(server.stop(milliseconds: 5000))
        }
    }

    private func start(
        _ partitions: [[Int]] = [[1, 5, 3], [4, 2]], queue: Int = 16
    ) throws -> Fixture {
        let directory = try TemporaryDirectory()
        let environment = NodeEnvironment.inTest
        let (node, settings) = try node(directory, queue: queue)
        let fingerprint = try #require(Self.model)
        let server = try NodeServer(node, on: environment)
        let service = try ShardService(
            engines: partitions.enumerated().map {
                Partition(numbers: $1, fingerprint: fingerprint, partition: $0)
            },
            settings: settings, wordsWeight: 0.3, detail: "test", metrics: server.metrics,
            on: environment)
        server.serve(service)
        let client = try environment.messenger("", limits: MessagingLimits())
        return Fixture(
            directory: directory, server: server, client: client,
            shard: try client.connect(to: server.endpoint, name: "shard-0"))
    }

    private func node(_ directory: TemporaryDirectory, queue: Int = 16) throws -> (NodeConfiguration, ShardSettings) {
        let cluster = try ClusterConfiguration(
            text: """
                { "partitions": 2, "model": "m", "index": "i", "nodes": [
                    { "name": "shard-0", "role": "shard", "listen": "ipc://\(directory.file("s"))",
                      "partitions": [0, 1], "search_queue": \(queue), "max_k": 4, "max_queries": 2 },
                    { "name": "c", "role": "coordinator" },
                    { "name": "g", "role": "generator", "listen": "ipc:///unused" } ] }
                """, source: "test", directory: "/")
        let node = try cluster.node(named: "shard-0")
        guard case .shard(let settings) = node.role else { throw ImpRAGError(.internal, "no shard") }
        return (node, settings)
    }

    private func search(
        _ shard: Peer, _ vectors: [Float], shape: [Int], k: Int = 2, fingerprint: Fingerprint? = model,
        milliseconds: Int = 20_000, words: WordsQuery? = nil
    ) async throws(ImpRAGError) -> ShardSearchReply {
        let reply = try await shard.call(
            .shardSearch(ShardSearchRequest(k: k, words: words)),
            tensors: shape.isEmpty ? [] : [Tensor(vectors, shape: shape)], fingerprint: fingerprint,
            deadline: .inTest(milliseconds: milliseconds))
        guard case .shardSearch(let found) = reply.body else { throw ImpRAGError(.internal, "\(reply.body.name)") }
        return found
    }

    @Test("the best passages of all partitions come back for each query, with the number that was searched")
    func merged() async throws {
        let fixture = try start()
        defer { fixture.stop() }
        let reply = try await search(fixture.shard, [1, 0, 0, -1, 0, 0], shape: [2, 3], k: 3)
        #expect(reply.passagesSearched == 5)
        #expect(reply.queries.map { $0.passages.map(\.passage.id) } == [["p5", "p4", "p3"], ["p1", "p2", "p3"]])
        #expect(reply.queries.first?.passages.map(\.rank) == [0, 1, 2])
        #expect(reply.queries.first?.passages.map(\.score) == [5, 4, 3])
    }

    @Test("words are searched for in all partitions, beside vectors or alone, with the sums of their figures")
    func words() async throws {
        let fixture = try start()
        defer { fixture.stop() }
        let query = WordsQuery(text: "red fox", count: 3)
        let both = try await search(fixture.shard, [1, 0, 0], shape: [1, 3], words: query)
        #expect(both.queries.map { $0.passages.map(\.passage.id) } == [["p5", "p4"]])
        let found = try #require(both.words)
        #expect(found.terms == ["red", "fox"] && found.passagesWithTerm == [5, 5])
        #expect(found.passages == 5 && found.tokens == 50 && found.weight == 0.3)
        #expect(found.hits.map(\.passage.id) == ["p5", "p4", "p3"])
        #expect(found.hits.first?.frequencies == [5, 5])
        let alone = try await search(fixture.shard, [], shape: [], k: 0, words: query)
        #expect(alone.queries.isEmpty && alone.words == found)
        #expect(try await search(fixture.shard, [1, 0, 0], shape: [1, 3]).words == nil)
        // Lists that are to be joined may be longer than what a client may ask for.
        _ = try await search(
            fixture.shard, [1, 0, 0], shape: [1, 3], k: 100, words: WordsQuery(text: "red", count: 100))
        for (text, count, code, reason) in [
            ("none", 3, ErrorCode.failedPrecondition, "index the corpus again"),
            ("red", 0, .invalidArgument, "1 to 100"), ("red", 101, .invalidArgument, "1 to 100"),
        ] {
            do throws(ImpRAGError) {
                _ = try await search(
                    fixture.shard, [], shape: [], k: 0, words: WordsQuery(text: text, count: count))
                Issue.record("'\(text)' was accepted")
            } catch {
                #expect(error.code == code && error.message.contains(reason), "\(error)")
            }
        }
    }

    @Test("vectors of another model are refused with both fingerprints, and of none at all too")
    func fingerprints() async throws {
        let fixture = try start()
        defer { fixture.stop() }
        let foreign = await #expect(throws: ImpRAGError.self) {
            try await search(fixture.shard, [1, 0, 0], shape: [1, 3], fingerprint: Self.otherModel)
        }
        #expect(foreign?.code == .failedPrecondition)
        #expect(foreign?.message.contains("\(try #require(Self.model))") == true)
        #expect(foreign?.message.contains("\(try #require(Self.otherModel))") == true)
        let missing = await #expect(throws: ImpRAGError.self) {
            try await search(fixture.shard, [1, 0, 0], shape: [1, 3], fingerprint: nil)
        }
        #expect(missing?.code == .invalidArgument)
    }

    @Test("what is no search is refused, saying what would be right, and the shard goes on")
    func hostile() async throws {
        let fixture = try start()
        defer { fixture.stop() }
        let cases: [(vectors: [Float], shape: [Int], k: Int, reason: String)] = [
            ([1, 0], [1, 2], 1, "float32[any, 3] is needed"),
            ([1, 0, 0], [3], 1, "float32[any, 3] is needed"),
            ([], [0, 3], 1, "0 query vectors; 1 to 2 are allowed"),
            (Array(repeating: 1, count: 9), [3, 3], 1, "3 query vectors; 1 to 2 are allowed"),
            ([1, .nan, 0], [1, 3], 1, "query vector 0 holds nan at index 1"),
            ([1, 0, 0], [1, 3], 0, "k is 0; 1 to 4 is allowed"),
            ([1, 0, 0], [1, 3], 5, "k is 5; 1 to 4 is allowed"),
        ]
        for (vectors, shape, k, reason) in cases {
            let error = await #expect(throws: ImpRAGError.self) {
                try await search(fixture.shard, vectors, shape: shape, k: k)
            }
            #expect(error?.code == .invalidArgument)
            #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
        }
        let other = await #expect(throws: ImpRAGError.self) {
            try await fixture.shard.call(.ask(AskRequest(prompt: "hello")), deadline: .inTest(milliseconds: 20_000))
        }
        #expect(other?.message.contains("a shard answers shard_search") == true)
        #expect(try await search(fixture.shard, [1, 0, 0], shape: [1, 3]).queries.count == 1)
    }

    @Test("a full queue refuses, and a search whose deadline passed while it waited is not begun", .simulated)
    func bounded() async throws {
        SimulatedTest.current?.world.jobMilliseconds["search"] = 1000...1000
        let fixture = try start([[1]], queue: 1)
        defer { fixture.stop() }
        // One search has the worker, one waits, and of the others none finds a place.
        let codes = await withTaskGroup(of: ErrorCode?.self) { group in
            for number in 0..<5 {
                group.addTask {
                    do throws(ImpRAGError) {
                        _ = try await search(
                            fixture.shard, [1, 0, 0], shape: [1, 3], milliseconds: number == 1 ? 1500 : 20_000)
                        return nil
                    } catch {
                        return error.code
                    }
                }
                try? await SimulatedTest.pass(milliseconds: 50)
            }
            return await group.reduce(into: [ErrorCode?: Int]()) { $0[$1, default: 0] += 1 }
        }
        #expect(codes == [nil: 1, .deadlineExceeded: 1, .resourceExhausted: 3])
        #expect(try await search(fixture.shard, [1, 0, 0], shape: [1, 3]).queries.count == 1)
    }

    @Test("a search that is known to be short and comes alone needs no search thread", .simulated)
    func atOnce() async throws {
        let world = try #require(SimulatedTest.current?.world)
        world.jobMilliseconds["search"] = 1000...1000
        world.doesShortWorkAtOnce = true
        let fixture = try start()
        defer { fixture.stop() }
        @Sendable func milliseconds(_ queries: Int) async throws -> Double {
            let start = world.milliseconds
            let vectors = [[Float]](repeating: [1, 0, 0], count: queries).flatMap(\.self)
            let reply = try await search(fixture.shard, vectors, shape: [queries, 3])
            #expect(
                reply.queries.map { $0.passages.map(\.passage.id) } == Array(repeating: ["p5", "p4"], count: queries))
            return world.milliseconds - start
        }
        // Nothing is known about the first one.
        #expect(try await milliseconds(1) > 1000)
        #expect(try await milliseconds(1) < 100)
        #expect(try await milliseconds(2) > 1000)
        // While others run, it takes its turn among them.
        let other = SimulatedTest.task { try await milliseconds(2) }
        try await SimulatedTest.pass(milliseconds: 100)
        #expect(try await milliseconds(1) > 1000)
        #expect(try await other.value > 1000)
        #expect(try await milliseconds(1) < 100)
        let error = await #expect(throws: ImpRAGError.self) {
            try await search(fixture.shard, [.nan, 0, 0], shape: [1, 3])
        }
        #expect(error?.code == .invalidArgument)
    }

    @Test("status tells role, state, passages, model and the number of requests")
    func status() async throws {
        let fixture = try start()
        defer { fixture.stop() }
        _ = try await search(fixture.shard, [1, 0, 0], shape: [1, 3])
        let deadline = Deadline.inTest(milliseconds: 20_000)
        var node: NodeStatus
        // A request counts once it is over, which may be after its reply was read.
        repeat {
            guard case .status(let status) = try await fixture.shard.call(.status, deadline: deadline).body,
                let first = status.nodes.first
            else {
                Issue.record("no status")
                return
            }
            node = first
        } while node.samples.total("imprag_requests_total") == 0 && !deadline.hasPassed
        #expect(node.name == "shard-0")
        #expect(node.role == .shard)
        #expect(node.state == .ready)
        #expect(node.passages == 5)
        #expect(node.fingerprint == Self.model)
        #expect(node.samples.total("imprag_requests_total") == 1)
        #expect(node.samples.total("imprag_passages") == 5)
        #expect(node.samples.total("imprag_stored_states") == nil)
    }

    @Test("partitions of different models or dimensions do not make a shard")
    func mixedPartitions() throws {
        let model = try #require(Self.model)
        let other = try #require(Self.otherModel)
        let (_, settings) = try node(try TemporaryDirectory())
        #expect(throws: ImpRAGError.self) {
            try ShardService(
                engines: [
                    Partition(numbers: [1], fingerprint: model, partition: 0),
                    Partition(numbers: [1], fingerprint: other, partition: 1),
                ], settings: settings, detail: "", metrics: MetricRegistry())
        }
        #expect(throws: ImpRAGError.self) {
            try ShardService(engines: [], settings: settings, detail: "", metrics: MetricRegistry())
        }
    }
}
