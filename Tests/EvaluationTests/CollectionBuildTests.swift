import Core
import Foundation
import ObjectStore
import Storage
import TestSupport
import Testing

@testable import Evaluation

/// Collections of vectors alone.
@Suite struct CollectionBuildTests {
    private static let zeros = Fingerprint(bytes: [UInt8](repeating: 0, count: 32))

    @Test("an id is one of its partition's, and begins with its row")
    func ids() {
        for partition in 0..<5 {
            for row in [0, 1, 37_499_999] {
                let id = CollectionBuild.id(row: row, partition: partition, of: 5)
                #expect(PartitionRouting.partition(of: id, partitionCount: 5) == partition)
                #expect(id.split(separator: "-").first == "\(row)")
            }
        }
    }

    @Test("partitions are made one by one, and with the last one there is a collection that a replica can be made of")
    func build() throws {
        let directory = try TemporaryDirectory()
        let (work, path) = (directory.file("work"), directory.file("base.fbin"))
        for folder in [work, directory.file("store")] {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        }
        let store = try DirectoryStore(path: directory.file("store"))
        let fingerprint = try #require(Self.zeros)
        let collection = StoredCollection(store)
        try VectorBytes.floats((0..<30).map { Float($0) }, columns: 3).write(to: URL(filePath: path))
        let build = CollectionBuild(
            store, work: work, partitions: 2, fingerprint: fingerprint, target: 0.95, threads: 1)
        let first = try build.run(
            partition: 0, base: VectorFile(path: path), firstRow: 0, sample: nil, progress: { _, _, _ in })
        #expect(first.rows == 10 && first.checkpointBytes > 0)
        #expect(throws: ImpRAGError.self) { try collection.manifest(deadline: .never) }
        // Again: it is there, whatever the vectors are now.
        try VectorBytes.floats((0..<36).map { -Float($0) }, columns: 3).write(to: URL(filePath: path))
        let again = try build.run(
            partition: 0, base: VectorFile(path: path), firstRow: 0, sample: nil, progress: { _, _, _ in })
        #expect(again.rows == 10 && again.checksum == first.checksum)
        _ = try build.run(
            partition: 1, base: VectorFile(path: path), firstRow: 10, sample: nil, progress: { _, _, _ in })
        let manifest = try collection.manifest(expecting: fingerprint, deadline: .never)
        #expect(manifest.identity.partitionCount == 2 && manifest.identity.dimension == 3)
        let replica = directory.file("replica")
        try collection.restore(partition: 1, epoch: 0, to: replica, deadline: .never) { _, _ in }
        let partition = try Partition(path: replica)
        #expect(partition.count == 12)
        #expect(try partition.passages(rows: [0]).first??.id.hasPrefix("10-") == true)
        #expect(!FileManager.default.fileExists(atPath: work + "/partition-0001"))
    }

    @Test("a directory of another collection's parts is refused")
    func another() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("base.fbin")
        try FileManager.default.createDirectory(
            atPath: directory.file("store"), withIntermediateDirectories: true)
        let store = try DirectoryStore(path: directory.file("store"))
        try VectorBytes.floats([1, 2, 3], columns: 3).write(to: URL(filePath: path))
        let fingerprint = try #require(Self.zeros)
        func run(_ partitions: Int) throws(ImpRAGError) {
            _ = try CollectionBuild(
                store, work: directory.path, partitions: partitions, fingerprint: fingerprint, target: 0.95, threads: 1
            ).run(partition: 0, base: VectorFile(path: path), firstRow: 0, sample: nil, progress: { _, _, _ in })
        }
        try run(2)
        let error = #expect(throws: ImpRAGError.self) { try run(3) }
        #expect(error?.code == .failedPrecondition && error?.message.contains("2 partitions") == true)
    }
}
