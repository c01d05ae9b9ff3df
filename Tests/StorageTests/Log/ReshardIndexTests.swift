import Core
import Foundation
import ObjectStore
import TestSupport
import Testing
import VectorIndex

@testable import Storage

/// Vector indexes of partitions that others were split into.
@Suite struct ReshardIndexTests {
    /// Of so many numbers more than 2048 vectors need an index.
    private static let dimension = 2048
    private static let count = 4400

    private let directory: TemporaryDirectory
    private let vectors: [BFloat16]
    private let queries: [Float]

    init() throws {
        directory = try TemporaryDirectory()
        var clusters = Clusters(dimension: Self.dimension, count: 20, seed: 5)
        vectors = clusters.next(Self.count).map { BFloat16($0) }
        queries = clusters.next(24)
    }

    /// The partition `number` of `partitionCount`, with its passages in their order, and a vector index.
    private func partition(
        _ number: Int, of partitionCount: Int, sample: SampleQueries?
    ) throws -> Partition {
        let passages = (0..<Self.count).map(PartitionTests.passage)
        let rows = passages.indices.filter {
            PartitionRouting.partition(of: passages[$0].id, partitionCount: partitionCount) == number
        }
        let writer = try PartitionWriter(
            path: directory.file("\(number) of \(partitionCount)"), fingerprint: PartitionTests.fingerprint(7),
            dimension: Self.dimension, number: number, partitionCount: partitionCount)
        let values = rows.flatMap { vectors[$0 * Self.dimension..<($0 + 1) * Self.dimension] }
        try writer.append(rows.map { passages[$0] }, vectors: values)
        _ = try writer.finish()
        let partition = try Partition(path: writer.path, access: .readWrite)
        _ = try IndexConstruction(partition, target: 0.9, threads: 2).run(generation: 1, sample: sample) { _, _, _ in }
        return partition
    }

    private struct Found: Equatable {
        let id: String?
        let score: Float
    }

    /// The best ten of `partitions` for each query.
    private func search(_ partitions: [Partition], exact: Bool) throws -> [[Found]] {
        var found = [[Found]](repeating: [], count: queries.count / Self.dimension)
        for partition in partitions {
            let hits = try LivePartition(partition).search(
                queries, k: 10, options: SearchOptions(isExact: exact), deadline: .never)
            for (query, hits) in hits.enumerated() {
                let passages = try partition.passages(rows: hits.map(\.row))
                found[query] += zip(passages, hits).map { Found(id: $0?.id, score: $1.score) }
            }
        }
        return found.map { Array($0.sorted { ($0.score, $1.id ?? "") > ($1.score, $0.id ?? "") }.prefix(10)) }
    }

    @Test("partitions that were split find what an index finds that was made with as many, and as surely")
    func equal() throws {
        let sample = SampleQueries(vectors: queries, source: .prompts)
        let id = CollectionID.random()
        let store = MemoryStore()
        let source = StoredCollection(store)
        let whole = try partition(0, of: 1, sample: sample)
        try whole.record(LogPosition(collection: id, epoch: 0))
        _ = try source.writeCheckpoint(of: whole, scratch: directory.file("scratch"), deadline: .soon) {
            () throws(ImpRAGError) in
        }
        var manifest = IndexManifest.sample(collection: id, dimension: Self.dimension, partitions: 1)
        manifest.fingerprint = try PartitionTests.fingerprint(7).description
        manifest.partitions[0].passages = Self.count
        let stored = try source.write(manifest, deadline: .soon)
        let target = StoredCollection(MemoryStore())
        let new = try CollectionReshard(
            of: source, stored, to: target, partitions: 2, scratch: directory.file("resharding"), threads: 2
        ).run(deadline: .soon) { _ in }

        let split = try (0..<2).map { number in
            let path = directory.file("split-\(number)")
            try target.restore(partition: number, epoch: 0, to: path, deadline: .soon) { _, _ in }
            return try Partition(path: path)
        }
        let direct = try (0..<2).map { try partition($0, of: 2, sample: sample) }
        for (number, (split, direct)) in zip(split, direct).enumerated() {
            #expect(try split.contentChecksum() == direct.contentChecksum())
            #expect(try split.indexHeader()?.bytes == direct.indexHeader()?.bytes)
            #expect(try split.indexHeader()?.target == 0.9)
            #expect(try split.calibrationQueries() == sample)
            let calibration = try LivePartition(direct).calibration
            #expect(new.manifest.partitions[number].calibration == calibration?.entries && calibration != nil)
        }
        let truth = try search(direct, exact: true)
        #expect(try search(split, exact: true) == truth)
        #expect(try search([whole], exact: true).map { $0.map(\.id) } == truth.map { $0.map(\.id) })
        let approximate = try search(direct, exact: false)
        #expect(try search(split, exact: false) == approximate)
        let right = zip(truth, approximate).reduce(0) { $0 + Set($1.0.map(\.id)).intersection($1.1.map(\.id)).count }
        #expect(Double(right) >= 0.85 * Double(10 * truth.count))
    }
}
