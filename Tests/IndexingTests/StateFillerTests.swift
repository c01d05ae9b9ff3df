import Core
import Foundation
import Storage
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
        for number in 0..<index.partitionCount {
            let partition = try index.partition(number)
            let store = try StateStore(
                path: index.statesPath(number), fingerprint: index.fingerprint, budget: ByteCount(0), access: .readOnly)
            for case let passage? in try partition.passages(rows: Array(0..<partition.count)) {
                let key = try #require(TestStateMaker.key(of: passage, codec: codec))
                guard let state = store.value(for: key) else { continue }
                #expect(state == TestStateMaker.state(of: passage, codec: codec))
                found += 1
            }
        }
        return found
    }

    @Test("every passage's state stands beside its partition, once, and the manifest says how it is stored")
    func all() throws {
        let maker = TestStateMaker()
        let report = try index(stateOptions(try corpus(count: 500), maker))
        let states = try #require(report.states)
        #expect(states.passages == report.passages && states.stored == report.passages && !states.isFull)
        #expect(states.computed == report.passages && maker.computed.count == report.passages)
        #expect(report.embedded == report.passages)
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

    @Test("an index with states is the index without them")
    func sameIndex() throws {
        let corpus = try corpus(count: 900)
        try index(stateOptions(corpus, TestStateMaker(), "with"))
        try index(options([corpus], "without"))
        var with = try contents("with")
        #expect(with.states != nil)
        with.states = nil
        #expect(try with == contents("without"))
    }

    @Test("passages that an interrupted run has embedded without states get them from the run that ends it")
    func begunWithout() throws {
        let corpus = try corpus(count: 900)
        let begun = IndexBuilder(options: options([corpus], "index"), embedder: try TestEmbedder(failingAfter: 1))
        #expect(throws: ImpRAGError.self) { try begun.run() }
        let report = try index(stateOptions(corpus, TestStateMaker()))
        #expect(report.embedded > 0 && report.embedded < report.passages)
        #expect(report.states?.computed == report.passages)
        #expect(try statesFound() == report.passages)
    }

    @Test("a run that stops anywhere goes on without computing a state again")
    func interrupted() throws {
        let corpus = try corpus(count: 3000)
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
                let job = try IndexWorkspace(path: directory.file("index")).unfinishedJob()
                #expect(job?.states?.codec == "int8")
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
            monitor: RunMonitor(isCancelled: { storing.withLock { $0 } > 2 }) { progress in
                if progress.phase == .states { storing.withLock { $0 += 1 } }
            })
        let error = #expect(throws: ImpRAGError.self) { try builder.run() }
        #expect(error?.code == .cancelled)
        #expect(error?.message.contains("all passages are indexed; 64 of ") == true, "\(String(describing: error))")
        #expect(try statesFound() == 64)
    }

    @Test("a budget is shared by all partitions in equal parts and never exceeded; nothing goes for something else")
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

    @Test("codebooks are learnt once from passages of all partitions, and again when they are damaged")
    func codebooks() throws {
        let corpus = try corpus(count: 600)
        let maker = TestStateMaker("pq", needsCodebooks: true, failingAfter: 100)
        #expect(throws: ImpRAGError.self) { try index(stateOptions(corpus, maker)) }
        let sample = try #require(maker.trained.first)
        #expect(sample.count == 256 && Set(sample).count > 240)
        #expect(Set(sample.map { PartitionRouting.partition(of: $0, partitionCount: 3) }).count == 3)
        let resumed = TestStateMaker("pq", needsCodebooks: true)
        let report = try index(stateOptions(corpus, resumed))
        #expect(resumed.trained.isEmpty && resumed.computed.count < report.passages)

        let path = try IndexDirectory(path: directory.file("index")).codebooksPath
        try Data("damaged".utf8).write(to: URL(filePath: path))
        let again = TestStateMaker("pq", needsCodebooks: true)
        try index(stateOptions(corpus, again))
        #expect(again.trained.count == 1 && again.computed.count == report.passages)
        #expect(again.trained.first.map { Set($0).count == $0.count && (256...258).contains($0.count) } == true)
        #expect(try statesFound("pq") == report.passages)
    }

    private func makeParts(_ corpus: String, _ makers: [TestStateMaker?]) throws {
        for (number, maker) in makers.enumerated() {
            var options = options([corpus], "index")
            options.part = IndexPart(number: number + 1, of: makers.count)
            options.states = maker.map { StateOptions(maker: $0) }
            let report = try index(options)
            #expect(report.states?.stored == maker.map { _ in report.passages })
        }
    }

    private func merge(_ maker: TestStateMaker? = nil, budget: ByteCount? = nil) throws -> IndexReport {
        try IndexMerger(
            options: MergeOptions(
                directory: directory.file("index"), modelName: "test",
                states: maker.map { StateOptions(maker: $0, budget: budget) }),
            embedder: try TestEmbedder()
        ).run()
    }

    @Test("the states of parts come into the merged index, which computes those that no part has")
    func parts() throws {
        try makeParts(try corpus(count: 3000), [TestStateMaker(), nil, TestStateMaker(), TestStateMaker("bf16")])
        // What the first part has is taken over without a word about it.
        let merged = try merge()
        let taken = try #require(merged.states)
        #expect(taken.stored > merged.passages / 4 && taken.stored < merged.passages && taken.computed == 0)
        #expect(try statesFound() == taken.stored)
        #expect(try contents("index").states?.codec == "int8")

        let maker = TestStateMaker()
        let filled = try merge(maker)
        #expect(filled.wasComplete && filled.states?.stored == merged.passages)
        #expect(filled.states?.computed == merged.passages - taken.stored)
        #expect(maker.computed.count == merged.passages - taken.stored)
        #expect(try statesFound() == merged.passages)
        // Another form: that of the last part.
        let other = try merge(TestStateMaker("bf16"))
        let computed = try #require(other.states?.computed)
        #expect(computed < merged.passages && computed > merged.passages / 2)
        #expect(try statesFound("bf16") == merged.passages)
    }

    @Test("all parts learn the same codebooks, and the merged index has them; states by others are not taken over")
    func partsWithCodebooks() throws {
        let corpus = try corpus(count: 1500)
        let makers = (0..<2).map { _ in TestStateMaker("pq", needsCodebooks: true) }
        try makeParts(corpus, makers)
        #expect(makers[0].trained == makers[1].trained && makers[0].trained.count == 1)
        let maker = TestStateMaker("pq", needsCodebooks: true)
        let merged = try merge(maker)
        #expect(maker.trained.isEmpty && maker.computed.isEmpty && merged.states?.stored == merged.passages)
        #expect(try statesFound("pq") == merged.passages)

        let part = directory.file("index") + "/" + IndexDirectory.partName(2, of: 2)
        try Data("others".utf8).write(to: URL(filePath: part + "/states.codebooks"))
        try IndexWorkspace(path: directory.file("index")).removeIndex(discardsUpdates: false)
        let again = try merge()
        let stored = try #require(again.states?.stored)
        #expect(stored > 0 && stored < merged.passages)
    }

    @Test("a part's share of the budget is its share of the passages, and merging keeps within it")
    func partsWithBudget() throws {
        var options = options([try corpus(count: 6000)], "index")
        let budget = ByteCount(600_000)
        for number in 1...2 {
            options.part = IndexPart(number: number, of: 2)
            options.states = StateOptions(maker: TestStateMaker(), budget: budget)
            let states = try #require(try index(options).states)
            #expect(states.isFull && states.bytes <= budget.bytes / 2 && states.bytes > budget.bytes * 4 / 10)
        }
        let merged = try merge(TestStateMaker(), budget: ByteCount(300_000))
        let states = try #require(merged.states)
        #expect(states.isFull && states.bytes <= 300_000 && states.bytes > 250_000 && states.computed == 0)
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
