import Cluster
import Core
import Storage
import TestSupport
import Testing
import Wire

@testable import Shard

/// A real partition on the disk behind the shard's engine.
struct PartitionEngineTests {
    /// So many numbers that 1024 passages are enough to need lists, and 2048 the most that may be without.
    private static let dimension = 4096

    private static func engine(_ directory: TemporaryDirectory, _ settings: String = "") throws -> PartitionEngine {
        let cluster = try ClusterConfiguration(
            text: """
                { "partitions": 1, "model": "m", "index": "i", "nodes": [
                    { "name": "s", "role": "shard", "listen": "ipc:///s", "partitions": [0] \(settings) },
                    { "name": "c", "role": "coordinator" }, { "name": "g", "role": "generator", "listen": "ipc:///g" } ] }
                """, source: "test", directory: "/")
        guard case .shard(let settings) = try cluster.node(named: "s").role else {
            throw ImpRAGError(.internal, "no shard")
        }
        let path = directory.file("partition-0000")
        let writer = try PartitionWriter(
            path: path, fingerprint: #require(Fingerprint(bytes: Array(repeating: 7, count: 32))),
            dimension: dimension, number: 0, partitionCount: 1)
        _ = try writer.finish()
        let partition = try Partition(path: path, access: .readWrite)
        try partition.record(LogPosition(collection: .random(), epoch: 0))
        return try PartitionEngine(LivePartition(partition), settings: settings)
    }

    private static func upsert(_ ids: Range<Int>, _ epoch: Int, into engine: PartitionEngine) throws -> UpdateOutcome? {
        let changes = ids.map { id in
            LoggedChange(
                update: 0,
                .upsert(
                    Passage(id: "p\(id)", title: "", text: "\(epoch)"),
                    vector: (0..<dimension).map { BFloat16(Float(($0 * 31 + id * 7 + epoch) % 97) - 48) }))
        }
        return try engine.apply(changes, epoch: epoch)[0]
    }

    @Test("a small partition whose passages are replaced again and again goes on taking updates")
    func replacedOften() throws {
        let directory = try TemporaryDirectory()
        let engine = try Self.engine(directory)
        for epoch in 1...50 {
            let outcome = try Self.upsert(0..<100, epoch, into: engine)
            #expect(outcome == UpdateOutcome(inserted: epoch == 1 ? 100 : 0, replaced: epoch == 1 ? 0 : 100))
        }
        // 5000 rows have come; maintenance leaves only those that live.
        while try engine.live.maintain(pause: {}) {}
        #expect(engine.epoch == 50 && engine.count == 100 && engine.figures.unindexed < 100 + 512)
        let hits = try engine.found(
            [Float](repeating: 1, count: Self.dimension), k: 200, options: SearchOptions())[0]
        #expect(hits.count == 100 && hits.allSatisfy { $0.passage.text == "50" })
        engine.stop()
    }
}
