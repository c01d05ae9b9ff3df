import Cluster
import Core
import SimulatedWorld
import Storage
import Synchronization
import TestSupport
import Testing

@testable import Shard

/// Partitions that come to a shard and go from it while it follows the log.
@Suite(.simulated) struct MovingPartitionTests {
    private let model: Fingerprint
    private let store = MemoryStore()
    private let collection: StoredCollection
    private let log: CollectionLog

    init() throws {
        model = try #require(Fingerprint(bytes: Array(repeating: 7, count: 32)))
        collection = StoredCollection(store)
        let manifest = IndexManifest(
            collection: CollectionID.random().description, fingerprint: model.description, model: "m", dimension: 2,
            partitions: (0..<3).map {
                IndexManifest.Partition(directory: "partition-000\($0)", passages: 0, checksum: "")
            },
            corpus: IndexManifest.Corpus(
                files: [], formatName: nil, wordsPerPassage: 100, skipsBadLines: false, arithmetic: "f32",
                batchRows: 1, documents: 0, duplicates: 0, badLines: 0))
        try collection.write(manifest, deadline: .inTest())
        log = CollectionLog(collection, try collection.manifest(deadline: .inTest()))
    }

    /// Commits a new passage for each partition.
    private func commit(_ round: Int) throws {
        var changes: [PassageChange] = []
        for partition in 0..<3 {
            var number = 0
            while PartitionRouting.partition(of: "\(round)-\(number)", partitionCount: 3) != partition { number += 1 }
            changes.append(
                .upsert(Passage(id: "\(round)-\(number)", title: "", text: "t"), vector: [BFloat16(1), BFloat16(2)]))
        }
        _ = try log.commit([LogUpdate(changes)], deadline: .inTest())
    }

    private func follower(_ engines: [MemoryEngine], from start: Int = 0) throws -> LogFollower {
        try LogFollower(log, engines: engines, from: start, on: .inTest) { _ in }
    }

    @Test("a partition that comes late is brought to where the others are, and follows from then on")
    func comes() throws {
        let (first, second) = (MemoryEngine(model, partition: 0, of: 3), MemoryEngine(model, partition: 2, of: 3))
        let follower = try follower([first])
        defer { follower.stop() }
        for round in 0..<3 { try commit(round) }
        try follower.catchUp()
        try follower.add(second)
        #expect(second.epoch == 3 && second.count == 3)
        try commit(3)
        try follower.catchUp()
        #expect(first.epoch == 4 && second.epoch == 4 && second.count == 4)
    }

    @Test(
        "a partition that comes while the follower looks for the next segment is taken, whether there is one or not",
        arguments: [false, true])
    func comesMeanwhile(isThere: Bool) throws {
        let (first, second) = (MemoryEngine(model, partition: 0, of: 3), MemoryEngine(model, partition: 2, of: 3))
        let follower = try follower([first])
        defer { follower.stop() }
        try commit(0)
        try follower.catchUp()
        if isThere { try commit(1) }
        let next = "log/00000000000000000002"
        let came = Atomic(false)
        store.before { call in
            guard call.key == next, !came.exchange(true, ordering: .relaxed) else { return nil }
            #expect(throws: Never.self) { try follower.add(second) }
            return nil
        }
        try follower.catchUp()
        let hasCome = came.load(ordering: .relaxed)
        #expect(hasCome)
        let epoch = isThere ? 2 : 1
        #expect(first.epoch == epoch && second.epoch == epoch && second.count == epoch)
        try commit(2)
        try follower.catchUp()
        #expect(first.epoch == epoch + 1 && second.epoch == epoch + 1)
    }

    @Test("a shard without partitions begins at the log's end, and the first that comes has all of it")
    func first() throws {
        for round in 0..<2 { try commit(round) }
        let follower = try follower([], from: 2)
        defer { follower.stop() }
        #expect(follower.applied == 2)
        try commit(2)
        try follower.catchUp()
        #expect(follower.applied == 3)
        let engine = MemoryEngine(model, partition: 1, of: 3)
        try follower.add(engine)
        #expect(engine.epoch == 3 && engine.count == 3)
    }

    @Test("a partition that goes stays where it was, and holds nobody up")
    func goes() throws {
        let (first, second) = (MemoryEngine(model, partition: 0, of: 3), MemoryEngine(model, partition: 2, of: 3))
        let follower = try follower([first, second])
        defer { follower.stop() }
        try commit(0)
        try follower.catchUp()
        follower.remove(0)
        try commit(1)
        try follower.catchUp()
        #expect(follower.applied == 2 && first.epoch == 1 && second.epoch == 2)
    }

    @Test("a partition that has more than the log is not taken: acknowledged updates would be gone")
    func ahead() throws {
        let ahead = MemoryEngine(model, partition: 0, of: 3)
        _ = try ahead.apply([], epoch: 1)
        let follower = try follower([])
        defer { follower.stop() }
        let error = #expect(throws: ImpRAGError.self) { try follower.add(ahead) }
        #expect(error?.code == .dataLoss)
    }

    @Test("a search goes on with the partitions that it began with")
    func snapshot() {
        let (first, second) = (MemoryEngine(model, partition: 0, of: 3), MemoryEngine(model, partition: 2, of: 3))
        let served = ServedPartitions([first])
        let before = served.engines
        served.add(second)
        served.remove(0)
        #expect(before.map(\.partition) == [0] && served.engines.map(\.partition) == [2])
        // The same partition, opened again, takes the place of the old one.
        served.add(second)
        #expect(served.engines.count == 1)
    }
}
