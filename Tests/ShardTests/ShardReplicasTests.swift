import Cluster
import Core
import Foundation
import ObjectStore
import Platform
import SimulatedWorld
import Storage
import TestSupport
import Testing

@testable import Shard

/// Replicas of a collection of one partition, in a directory of its own.
struct ShardReplicasTests {
    private final class Fixture {
        let directory: TemporaryDirectory
        let collection: StoredCollection
        let log: CollectionLog
        /// Whoever writes checkpoints beside the replicas under test.
        let partition: Partition

        init() throws {
            directory = try TemporaryDirectory()
            let model = try #require(Fingerprint(bytes: Array(repeating: 7, count: 32)))
            let writer = try PartitionWriter(
                path: directory.file("writer"), fingerprint: model, dimension: 2, number: 0, partitionCount: 1)
            let checksum = try writer.finish()
            partition = try Partition(path: writer.path, access: .readWrite)
            let id = CollectionID.random()
            try partition.record(LogPosition(collection: id, epoch: 0))
            collection = StoredCollection(try DirectoryStore(path: directory.file("store")))
            let manifest = IndexManifest(
                collection: id.description, fingerprint: model.description, model: "m", dimension: 2,
                partitions: [
                    IndexManifest.Partition(
                        directory: "partition-0000", passages: 0, checksum: checksum.description)
                ],
                corpus: IndexManifest.Corpus(
                    files: [], formatName: nil, wordsPerPassage: 100, skipsBadLines: false, arithmetic: "f32",
                    batchRows: 1, documents: 0, duplicates: 0, badLines: 0))
            try Self.writeCheckpoint(of: partition, collection, directory)
            log = CollectionLog(collection, try collection.write(manifest, deadline: .inTest()))
        }

        private static func writeCheckpoint(
            of partition: Partition, _ collection: StoredCollection, _ directory: TemporaryDirectory
        ) throws {
            _ = try collection.writeCheckpoint(of: partition, scratch: directory.file("scratch"), deadline: .inTest()) {
                () throws(ImpRAGError) in
            }
        }

        /// Commits an update.
        func commit() throws {
            let passage = Passage(id: "p", title: "", text: "text")
            _ = try log.commit(
                [LogUpdate([.upsert(passage, vector: [BFloat16(1), BFloat16(0)])])], deadline: .inTest())
        }

        /// Commits an update, writes a checkpoint with it and deletes what was before.
        func moveOn() throws {
            try commit()
            let epoch = try log.head(deadline: .inTest())
            let entry = try #require(try log.entry(epoch, partitions: [0], deadline: .inTest()))
            _ = try partition.apply(entry.changes[0] ?? [], epoch: epoch)
            try Self.writeCheckpoint(of: partition, collection, directory)
            let stored = try collection.update(deadline: .inTest()) { manifest in
                manifest.partitions[0].checkpoint = epoch
                manifest.firstEpoch = epoch + 1
            }
            #expect(try collection.removeUnneeded(stored.manifest, deadline: .inTest()) > 1)
        }

        var checkpoint: Int {
            get throws { try collection.manifest(deadline: .inTest()).manifest.partitions[0].checkpoint }
        }

        func replicas(_ name: String) throws -> ShardReplicas {
            try ShardReplicas(
                directory.file("store"), data: directory.file(name), clock: NodeEnvironment.inTest.clock
            ) { _ in }
        }
    }

    /// A shard's replica with what follows the log and writes checkpoints, at work only when a test says so.
    private final class Replica {
        let engine: PartitionEngine
        let follower: LogFollower
        let checkpointer: Checkpointer

        init(
            _ name: String, of fixture: Fixture, after limit: Int, lost: @escaping @Sendable () -> Void = {}
        ) throws {
            let cluster = try ClusterConfiguration(
                text: """
                    { "partitions": 1, "model": "m", "index": "i", "nodes": [
                        { "name": "s", "role": "shard", "listen": "ipc:///s", "partitions": [0], "recall_meter_share": 0 },
                        { "name": "c", "role": "coordinator" },
                        { "name": "g", "role": "generator", "listen": "ipc:///g" } ] }
                    """, source: "test", directory: "/")
            guard case .shard(let settings) = try cluster.node(named: "s").role else {
                throw ImpRAGError(.internal, "no shard")
            }
            let replicas = try fixture.replicas(name)
            let partition = try replicas.follow(0, cacheBytes: 1 << 20)
            engine = try PartitionEngine(LivePartition(partition), settings: settings)
            follower = try LogFollower(
                CollectionLog(replicas.collection, replicas.manifest), engines: [engine], on: .inTest,
                report: { _ in }, lost: lost)
            checkpointer = try Checkpointer(
                replicas.collection, replicas.manifest.identity, partitions: [partition], follower: follower,
                after: ByteCount(limit), name: name, on: .inTest
            ) { _ in }
        }

        deinit {
            follower.stop()
            checkpointer.stop()
            engine.stop()
        }
    }

    @Test("a replica is made of the newest checkpoint, also when that came after the shard had read the manifest")
    func newerCheckpoint() throws {
        let fixture = try Fixture()
        let replicas = try fixture.replicas("data")
        for _ in 0..<2 { try fixture.moveOn() }
        let partition = try replicas.follow(0, cacheBytes: 1 << 20)
        #expect(partition.logPosition?.epoch == 2 && partition.count == 1)
    }

    @Test("a shard whose replica takes no writes any more ends, to be given a new one")
    func brokenReplica() async throws {
        let fixture = try Fixture()
        let end = Promise<Void>()
        let replica = try Replica("one", of: fixture, after: 1 << 20) { end.fulfil(.success(())) }
        try fixture.commit()
        try replica.follower.catchUp()
        try FileManager.default.removeItem(atPath: fixture.directory.file("one"))
        try fixture.commit()
        let first = await #expect(throws: ImpRAGError.self) { try await replica.follower.reach(2) }
        #expect(first?.code == .dataLoss)
        let second = await #expect(throws: ImpRAGError.self) { try await replica.follower.reach(2) }
        #expect(second?.message.contains("has to be started again") == true, "\(second?.message ?? "")")
        try await end.value()
    }

    @Test("a replica that another one's checkpoint overtakes goes on following the log")
    func overtaken() throws {
        let fixture = try Fixture()
        let (one, other) = (try Replica("one", of: fixture, after: 0), try Replica("other", of: fixture, after: 0))
        for _ in 0..<3 { try fixture.commit() }
        try one.follower.catchUp()
        one.checkpointer.round()
        #expect(try fixture.checkpoint == 3)
        try other.follower.catchUp()
        #expect(other.follower.applied == 3)
        // What came before two checkpoints is gone.
        try fixture.commit()
        try one.follower.catchUp()
        one.checkpointer.round()
        let manifest = try fixture.collection.manifest(deadline: .inTest()).manifest
        #expect(manifest.partitions[0].checkpoint == 4 && manifest.firstEpoch == 4)
    }

    @Test("of two replicas that are behind the same log one writes the checkpoint")
    func oneCheckpoint() throws {
        let fixture = try Fixture()
        // Each of the updates counts for 4096 bytes.
        let (one, other) = (
            try Replica("one", of: fixture, after: 5000), try Replica("other", of: fixture, after: 5000)
        )
        for replica in [one, other] { replica.checkpointer.round() }
        for _ in 0..<2 { try fixture.commit() }
        for replica in [one, other] { try replica.follower.catchUp() }
        one.checkpointer.round()
        #expect(try fixture.checkpoint == 2)
        try fixture.commit()
        try other.follower.catchUp()
        other.checkpointer.round()
        #expect(try fixture.checkpoint == 2)
        try fixture.commit()
        try other.follower.catchUp()
        other.checkpointer.round()
        #expect(try fixture.checkpoint == 4)
    }

    @Test("who only reads makes a missing replica of a checkpoint that holds the whole log, and takes what is there")
    func reading() throws {
        let fixture = try Fixture()
        try fixture.moveOn()
        #expect(try fixture.replicas("whole").read(0, cacheBytes: 1 << 20).count == 1)
        try fixture.commit()
        #expect(try fixture.replicas("whole").read(0, cacheBytes: 1 << 20).logPosition?.epoch == 1)
        let behind = #expect(throws: ImpRAGError.self) {
            try fixture.replicas("behind").read(0, cacheBytes: 1 << 20)
        }
        #expect(behind?.code == .failedPrecondition && behind?.message.contains("of epoch 1, lacks") == true)
        #expect(!FileManager.default.fileExists(atPath: fixture.directory.file("behind/partition-0000")))
    }
}
