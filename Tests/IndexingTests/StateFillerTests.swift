import Core
import Corpus
import Foundation
import PassageStore
import Synchronization
import TestSupport
import Testing

@testable import Indexing

@Suite struct StateFillerTests: IndexMaking {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func stateOptions(
        _ corpus: String, _ maker: TestStateMaker, budget: ByteCount? = nil, _ name: String = "index"
    ) -> IndexOptions {
        var options = options([corpus], name)
        options.states = StateOptions(maker: maker, budget: budget)
        return options
    }

    @discardableResult
    private func index(_ options: IndexOptions) throws(ImpRAGError) -> IndexReport {
        do {
            return try IndexBuilder(options: options, embedder: try TestEmbedder()).run()
        } catch let error as ImpRAGError {
            throw error
        } catch {
            throw ImpRAGError(.internal, "\(error)")
        }
    }

    /// How many passages of the index have the state that they should have; any other is an issue.
    private func statesFound(_ codec: String = "int8", _ name: String = "index") throws -> Int {
        let index = try IndexDirectory(path: directory.file(name))
        var found = 0
        for shard in 0..<index.shardCount {
            let partition = try index.partition(shard)
            let store = try StateStore(
                path: index.statesPath(shard), fingerprint: index.fingerprint, budget: ByteCount(0), access: .readOnly)
            for case let passage? in try partition.passages(rows: Array(0..<partition.count)) {
                let key = try #require(TestStateMaker.key(of: passage, codec: codec))
                guard let state = store.value(for: key) else { continue }
                #expect(state == TestStateMaker.state(of: passage, codec: codec))
                found += 1
            }
        }
        return found
    }

    @Test("every passage's state stands beside its shard, once, and the manifest says how it is stored")
    func all() throws {
        let maker = TestStateMaker()
        let report = try index(stateOptions(try corpus(count: 500), maker))
        let states = try #require(report.states)
        #expect(states.passages == report.passages && states.stored == report.passages && !states.isFull)
        #expect(states.computed == report.passages && maker.computed.count == report.passages)
        #expect(states.bytes >= report.passages * TestStateMaker.stateBytes)
        #expect(Set(maker.computed).count == report.passages)
        #expect(try statesFound() == report.passages)
        #expect(try contents("index").states == IndexManifest.States(codec: "int8", keepsHalf: false))
        #expect(maker.trained.isEmpty)
    }

    @Test("an index that is complete without states gets them from the same command, and only once")
    func later() throws {
        let corpus = try corpus(count: 300)
        let first = try index(options([corpus], "index"))
        #expect(first.states == nil)
        #expect(try contents("index").states == nil)
        let second = try index(stateOptions(corpus, TestStateMaker()))
        #expect(second.wasComplete && second.states?.computed == first.passages)
        let maker = TestStateMaker()
        let third = try index(stateOptions(corpus, maker))
        #expect(third.states?.stored == first.passages && third.states?.computed == 0 && maker.computed.isEmpty)
        // Without the option nothing is lost.
        _ = try index(options([corpus], "index"))
        #expect(try contents("index").states != nil)
        #expect(try statesFound() == first.passages)
    }

    @Test("a run that stops anywhere leaves a complete index and goes on without computing a state again")
    func interrupted() throws {
        let corpus = try corpus(count: 600)
        var computed: [String] = []
        var runs = 0
        while true {
            runs += 1
            let maker = TestStateMaker(failingAfter: 100)
            defer { computed += maker.computed }
            do throws(ImpRAGError) {
                let report = try index(stateOptions(corpus, maker))
                #expect(report.states?.stored == report.passages)
                break
            } catch {
                #expect(error.code == .unavailable)
                #expect(try IndexDirectory(path: directory.file("index")).manifest.states?.codec == "int8")
            }
        }
        let passages = try contents("index").passages
        #expect(runs > 3)
        #expect(computed.count == passages && Set(computed).count == passages)
        #expect(try statesFound() == passages)
    }

    @Test("a run that is cancelled says how far it came")
    func cancelled() throws {
        let corpus = try corpus(count: 300)
        try index(options([corpus], "index"))
        let storing = Mutex(0)
        let builder = IndexBuilder(
            options: stateOptions(corpus, TestStateMaker()), embedder: try TestEmbedder(),
            isCancelled: { storing.withLock { $0 } > 2 },
            progress: { progress in if progress.phase == .states { storing.withLock { $0 += 1 } } })
        let error = #expect(throws: ImpRAGError.self) { try builder.run() }
        #expect(error?.code == .cancelled)
        #expect(error?.message.contains("the index is complete; 64 of ") == true, "\(String(describing: error))")
        #expect(try statesFound() == 64)
    }

    @Test("a budget is shared by all shards in equal parts and never exceeded; nothing goes for something else")
    func budget() throws {
        let corpus = try corpus(count: 600)
        let budget = ByteCount(300_000)
        let maker = TestStateMaker()
        let report = try index(stateOptions(corpus, maker, budget: budget))
        let states = try #require(report.states)
        #expect(states.isFull && states.bytes <= budget.bytes && states.bytes > budget.bytes * 9 / 10)
        #expect(states.stored == states.computed && states.stored < report.passages)
        #expect(try statesFound() == states.stored)
        // Again: nothing fits, and nothing is lost.
        let again = try index(stateOptions(corpus, TestStateMaker(), budget: budget))
        #expect(again.states?.stored == states.stored && again.states?.computed == 0)
        // A larger budget goes on.
        let larger = try index(stateOptions(corpus, TestStateMaker()))
        #expect(larger.states?.stored == report.passages)
        #expect(larger.states?.computed == report.passages - states.stored)
        #expect(try statesFound() == report.passages)
    }

    @Test("states of another codec make room for those that are asked for")
    func otherCodec() throws {
        let corpus = try corpus(count: 200)
        let report = try index(stateOptions(corpus, TestStateMaker("int8")))
        try index(stateOptions(corpus, TestStateMaker("pq", needsCodebooks: true)))
        #expect(try contents("index").states?.codec == "pq")
        #expect(try statesFound("int8") == 0)
        #expect(try statesFound("pq") == report.passages)
    }

    @Test("codebooks are learnt once from passages of all shards, and again when they are damaged")
    func codebooks() throws {
        let corpus = try corpus(count: 600)
        let maker = TestStateMaker("pq", needsCodebooks: true, failingAfter: 100)
        #expect(throws: ImpRAGError.self) { try index(stateOptions(corpus, maker)) }
        let sample = try #require(maker.trained.first)
        #expect((256...258).contains(sample.count) && Set(sample).count == sample.count)
        #expect(Set(sample.map { ShardRouting.shard(of: $0, shardCount: 3) }).count == 3)
        let resumed = TestStateMaker("pq", needsCodebooks: true)
        let report = try index(stateOptions(corpus, resumed))
        #expect(resumed.trained.isEmpty && resumed.computed.count < report.passages)

        let path = try IndexDirectory(path: directory.file("index")).codebooksPath
        try Data("damaged".utf8).write(to: URL(filePath: path))
        let again = TestStateMaker("pq", needsCodebooks: true)
        try index(stateOptions(corpus, again))
        #expect(again.trained == [sample] && again.computed.count == report.passages)
        #expect(try statesFound("pq") == report.passages)
    }

    @Test("a part of an index takes no states, and the merged index does")
    func parts() throws {
        let corpus = try corpus(count: 300)
        for number in 1...2 {
            var options = options([corpus], "index")
            options.part = IndexPart(number: number, of: 2)
            var refused = options
            refused.states = StateOptions(maker: TestStateMaker())
            let error = #expect(throws: ImpRAGError.self) { try index(refused) }
            #expect(error?.code == .invalidArgument)
            try index(options)
        }
        let merged = try IndexMerger(
            options: MergeOptions(
                directory: directory.file("index"), modelName: "test", states: StateOptions(maker: TestStateMaker())),
            embedder: try TestEmbedder()
        ).run()
        #expect(merged.states?.stored == merged.passages)
        #expect(try statesFound() == merged.passages)
    }

    @Test("while a shard writes to the states, nothing is stored, and the reason is said")
    func running() throws {
        let corpus = try corpus(count: 100)
        let report = try index(options([corpus], "index"))
        let index = try IndexDirectory(path: directory.file("index"))
        let store = try StateStore(
            path: index.statesPath(1), fingerprint: index.fingerprint, budget: ByteCount(1 << 20), access: .readWrite)
        let error = #expect(throws: ImpRAGError.self) { try self.index(stateOptions(corpus, TestStateMaker("bf16"))) }
        #expect(error?.code == .unavailable && error?.message.contains("open for writing in another process") == true)
        #expect(store.figures.entries == 0 && report.passages > 0)
    }
}
