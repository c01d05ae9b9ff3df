import Cluster
import Core
import SimulatedWorld
import Storage
import TestSupport
import Testing

@testable import Coordinator

@Suite(.simulated) struct CommitterTests {
    private let collection: StoredCollection
    private let log: CollectionLog

    init() throws {
        collection = StoredCollection(MemoryStore())
        let stored = try collection.write(
            IndexManifest(
                collection: CollectionID.random().description, fingerprint: FakeCluster.model.description, model: "m",
                dimension: 1,
                partitions: [IndexManifest.Partition(directory: "partition-0000", passages: 0, checksum: "")],
                corpus: IndexManifest.Corpus(
                    files: [], formatName: nil, wordsPerPassage: 100, skipsBadLines: false, arithmetic: "f32",
                    batchRows: 1, documents: 0, duplicates: 0, badLines: 0)), deadline: .never)
        log = CollectionLog(collection, stored)
    }

    private func committer(limit: Int) throws -> Committer {
        // Long enough for all that a test sends at once.
        SimulatedTest.current?.world.jobMilliseconds["commit"] = 100...100
        let log = log
        return try Committer(limit: limit, on: .inTest) { () throws(ImpRAGError) in log }
    }

    private func send(_ id: String, to committer: Committer) -> Task<LogPlace, any Error> {
        SimulatedTest.task {
            try await committer.commit(LogUpdate([.delete(id: id)]), deadline: .inTest())
        }
    }

    /// The ids of an epoch; nil when there is none.
    private func ids(_ epoch: Int) throws -> [String]? {
        try log.entry(epoch, partitions: [0], deadline: .inTest())?.changes[0]?.map(\.change.id)
    }

    @Test("updates that wait share a segment, as many as may wait")
    func shared() async throws {
        let committer = try committer(limit: 20)
        let tasks = (0..<20).map { send("\($0)", to: committer) }
        var places: Set<LogPlace> = []
        for task in tasks { places.insert(try await task.value) }
        #expect(places == Set((0..<20).map { LogPlace(epoch: 1, update: $0) }))
        #expect(try ids(1)?.count == 20 && ids(2) == nil)
    }

    @Test("an update that nobody waits for any more takes no other's place, and is not committed")
    func abandoned() async throws {
        let committer = try committer(limit: 2)
        let abandoned = ["a", "b"].map { send($0, to: committer) }
        try await SimulatedTest.pass(milliseconds: 10)
        for task in abandoned { task.cancel() }
        for task in abandoned { await #expect(throws: ImpRAGError.self) { try await task.value } }
        #expect(try await send("c", to: committer).value == LogPlace(epoch: 1, update: 0))
        #expect(try ids(1) == ["c"] && ids(2) == nil)
    }

    @Test("an update that is refused because too many wait, or because the node stops, is not committed later")
    func refused() async throws {
        let committer = try committer(limit: 2)
        let taken = ["a", "b"].map { send($0, to: committer) }
        try await SimulatedTest.pass(milliseconds: 10)
        let full = await #expect(throws: ImpRAGError.self) { try await send("c", to: committer).value }
        #expect(full?.code == .resourceExhausted)
        for task in taken { _ = try await task.value }
        committer.stop()
        let stopping = await #expect(throws: ImpRAGError.self) { try await send("d", to: committer).value }
        #expect(stopping?.code == .unavailable)
        try await SimulatedTest.pass(milliseconds: 500)
        #expect(try ids(1) == ["a", "b"] && ids(2) == nil)
    }
}
