import Core
import Foundation
import ObjectStore
import RocksDB
import TestSupport
import Testing

@testable import Storage

@Suite struct IndexDirectoryTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// An index of two partitions with 70 and 3 passages.
    private func make() throws -> IndexManifest {
        var partitions: [IndexManifest.Partition] = []
        let id = CollectionID.random()
        let collection = StoredCollection(try DirectoryStore(path: directory.path))
        for (number, count) in [70, 3].enumerated() {
            let writer = try PartitionWriter(
                path: directory.file(IndexDirectory.partitionName(number)),
                fingerprint: try PartitionTests.fingerprint(7),
                dimension: 12, number: number, partitionCount: 2)
            try writer.append(
                (0..<count).map(PartitionTests.passage), vectors: PartitionTests.vectors(0..<count, dimension: 12))
            partitions.append(
                IndexManifest.Partition(
                    directory: IndexDirectory.partitionName(number), passages: count,
                    checksum: try writer.finish().description))
            let partition = try Partition(path: writer.path, access: .readWrite)
            try partition.record(LogPosition(collection: id, epoch: 0))
            _ = try collection.writeCheckpoint(
                of: partition, scratch: directory.file(IndexDirectory.scratchName(number)), deadline: .never
            ) { () throws(ImpRAGError) in }
        }
        let manifest = IndexManifest(
            collection: id.description, fingerprint: try PartitionTests.fingerprint(7).description,
            model: "m/é\"\\", dimension: 12,
            partitions: partitions,
            corpus: IndexManifest.Corpus(
                files: [IndexManifest.File(path: "a/b.jsonl", bytes: 3, sha256: "00")], formatName: nil,
                wordsPerPassage: 100, skipsBadLines: false, arithmetic: "bf16", batchRows: 128, documents: 73,
                duplicates: 0, badLines: 0))
        try ChecksummedFile.write(manifest, to: IndexDirectory.manifestPath(in: directory.path))
        return manifest
    }

    private func error(_ body: () throws -> Void) -> ImpRAGError? {
        #expect(throws: ImpRAGError.self) { try body() }
    }

    @Test("a finished index opens with what its manifest says, and verifies")
    func opens() throws {
        let manifest = try make()
        let index = try IndexDirectory(path: directory.path, expecting: try PartitionTests.fingerprint(7))
        #expect(index.manifest == manifest)
        #expect(index.passages == 73 && index.partitionCount == 2 && index.dimension == 12)
        #expect(try index.partition(1).passages(rows: [2]) == [PartitionTests.passage(2)])
        try index.verify()
        #expect(error { _ = try index.partition(2) }?.code == .invalidArgument)
        #expect(error { _ = try index.partition(-1) }?.code == .invalidArgument)
    }

    @Test("the manifest is JSON for every other reader")
    func isJSON() throws {
        _ = try make()
        let data = try Data(contentsOf: URL(filePath: IndexDirectory.manifestPath(in: directory.path)))
        let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        #expect(object["dimension"] as? Int == 12 && (object["checksum"] as? String)?.count == 64)
    }

    @Test("no index, an unfinished one and one of another model are told apart")
    func states() throws {
        #expect(error { _ = try IndexDirectory(path: directory.file("none")) }?.code == .notFound)
        try Data().write(to: URL(filePath: IndexDirectory.jobPath(in: directory.path)))
        let unfinished = error { _ = try IndexDirectory(path: directory.path) }
        #expect(unfinished?.code == .failedPrecondition && unfinished?.message.contains("imprag index") == true)
        _ = try make()
        let other = error { _ = try IndexDirectory(path: directory.path, expecting: try PartitionTests.fingerprint(8)) }
        #expect(other?.code == .failedPrecondition)
    }

    @Test("an index of another format is refused, whatever its other fields are, and has to be made again")
    func otherFormat() throws {
        struct Former: Encodable {
            var format = 1
            var shards = ["shard-0000"]
        }
        try ChecksummedFile.write(Former(), to: IndexDirectory.manifestPath(in: directory.path))
        let refused = error { _ = try IndexDirectory(path: directory.path) }
        #expect(refused?.code == .failedPrecondition)
        #expect(refused?.message.contains("has format 1, this program reads 4; index the corpus again") == true)
    }

    @Test("partitions that are missing or exchanged are data loss")
    func wrongPartitions() throws {
        _ = try make()
        let index = try IndexDirectory(path: directory.path)
        let (first, second) = (directory.file("partition-0000"), directory.file("partition-0001"))
        try FileManager.default.moveItem(atPath: first, toPath: directory.file("aside"))
        #expect(error { _ = try index.partition(0) }?.code == .dataLoss)
        try FileManager.default.moveItem(atPath: second, toPath: first)
        try FileManager.default.moveItem(atPath: directory.file("aside"), toPath: second)
        #expect(error { _ = try index.partition(0) }?.code == .dataLoss)
        #expect(error { try index.verify() }?.code == .dataLoss)
    }

    @Test("a partition of another collection, as of a former index, is data loss")
    func otherCollection() throws {
        _ = try make()
        var manifest = try IndexDirectory(path: directory.path).manifest
        manifest.collection = CollectionID.random().description
        try ChecksummedFile.write(manifest, to: IndexDirectory.manifestPath(in: directory.path))
        let index = try IndexDirectory(path: directory.path)
        let refused = error { _ = try index.partition(0) }
        #expect(refused?.code == .dataLoss && refused?.message.contains("of another collection") == true)
    }

    @Test("an index whose checkpoint is damaged, or lacks an object, does not verify, and says which one")
    func verifiesCheckpoints() throws {
        let manifest = try make()
        let index = try IndexDirectory(path: directory.path)
        let folder = directory.file("checkpoint/0001/00000000000000000000")
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
            let file = URL(filePath: "\(folder)/\(name)")
            let original = try Data(contentsOf: file)
            try FileManager.default.removeItem(at: file)  // Not in place: it may be the partition's file too.
            #expect(error { try index.verify() }?.message.contains("\(name) is missing") == true)
            try (original + [0]).write(to: file)
            let damaged = error { try index.verify() }
            #expect(damaged?.code == .dataLoss && damaged?.message.contains(name) == true, "\(damaged as Any)")
            try original.write(to: file)
        }
        try index.verify()
        #expect(index.manifest == manifest)
    }

    @Test("a partition whose row count promises more than it holds is refused before room is made")
    func promisedRows() throws {
        _ = try make()
        let path = directory.file("partition-0001")
        do {
            let database = try Database(path: path, families: PartitionFormat.families, access: .readWrite)
            var batch = WriteBatch()
            batch.put(
                PartitionFormat.rowsKey, PartitionFormat.number(1 << 31), in: PartitionFormat.metadata, of: database)
            try database.write(batch, .synced)
        }
        let refused = error { _ = try Partition(path: path) }
        #expect(refused?.code == .dataLoss && refused?.message.contains("the last is missing") == true)
    }

    @Test("a catalog keeps the last entry of each id, in the order of their bytes")
    func catalog() throws {
        let catalog = try IDCatalog(path: directory.file("scan"))
        try catalog.put([("b", .init(number: 0, passages: 1)), ("é", .init(number: 1, passages: 70_000))])
        try catalog.put([("a", .init(number: 2, passages: 2)), ("b", .init(number: 1 << 40, passages: 3))])
        try catalog.flush()
        #expect(try catalog.entry(of: "b") == .init(number: 1 << 40, passages: 3))
        #expect(try catalog.entry(of: "c") == nil)
        var ids: [String] = []
        try catalog.forEach { id, entry throws(ImpRAGError) in ids.append("\(id) \(entry.passages)") }
        #expect(ids == ["a 2", "b 3", "é 70000"])
        let stopped = error {
            try catalog.forEach { _, _ throws(ImpRAGError) in throw ImpRAGError(.cancelled, "enough") }
        }
        #expect(stopped?.code == .cancelled)
    }
}
