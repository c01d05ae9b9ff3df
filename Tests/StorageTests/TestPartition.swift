import Core
import Foundation
import Synchronization
import TestSupport
import VectorIndex

@testable import Storage

/// A partition in a directory of its own, filled in bulk with passages `p0`, `p1`, … of clustered vectors, without
/// words: what maintenance does about those would count among its pieces of work.
struct TestPartition {
    private let directory: TemporaryDirectory
    let path: String
    let dimension: Int
    private var clusters: Clusters

    /// - Parameter indexed: whether its vector index is made, as bulk indexing does for large partitions.
    init(rows: Int, dimension: Int, indexed: Bool = true) throws {
        directory = try TemporaryDirectory()
        path = directory.file("partition-0000")
        self.dimension = dimension
        clusters = Clusters(dimension: dimension, count: 40, seed: UInt64(rows + dimension))
        let vectors = clusters.next(rows)
        let template = "\(rows) × \(dimension)"
        if indexed, let made = Self.templates.withLock({ $0[template] }) {
            try FileManager.default.copyItem(atPath: made, toPath: path)
            return
        }
        try Self.fill(path, rows: rows, dimension: dimension, vectors)
        guard indexed else { return }
        _ = try construct(open(), generation: 1)
        let copy = try TemporaryDirectory.ofProcess.get().file(UUID().uuidString)
        try FileManager.default.copyItem(atPath: path, toPath: copy)
        Self.templates.withLock { $0[template] = copy }
    }

    /// Partitions whose index was made once, by their sizes: calibration is most of the work.
    private static let templates = Mutex<[String: String]>([:])

    private static func fill(_ path: String, rows: Int, dimension: Int, _ vectors: [Float]) throws {
        guard let fingerprint = Fingerprint(bytes: [UInt8](repeating: 7, count: 32)) else { return }
        let writer = try PartitionWriter(
            path: path, fingerprint: fingerprint, dimension: dimension, number: 0, partitionCount: 1, words: nil)
        for first in stride(from: 0, to: rows, by: 1000) {
            let batch = first..<min(first + 1000, rows)
            try writer.append(
                batch.map(passage),
                vectors: vectors[(batch.lowerBound * dimension)..<(batch.upperBound * dimension)].map { BFloat16($0) })
        }
        _ = try writer.finish()
    }

    static func passage(_ number: Int) -> Passage {
        Passage(
            id: "p\(number)", title: "", text: "text \(number)",
            metadata: ["third": .number(Number(Double(number % 3)))])
    }

    func open(_ access: Partition.Access = .readWrite) throws -> Partition {
        try Partition(path: path, access: access, cacheBytes: 1 << 20)
    }

    func construct(_ partition: Partition, generation: Int) throws -> VectorIndexHeader {
        try IndexConstruction(partition, target: 0.95, threads: 2).run(generation: generation) { _, _, _ in }.header
    }

    /// More vectors of the same clusters, never the same ones again.
    mutating func vectors(_ count: Int) -> [Float] { clusters.next(count) }

    mutating func narrowVectors(_ count: Int) -> [BFloat16] { vectors(count).map { BFloat16($0) } }

    /// A vector that beats all others for a query of its own direction, and that query.
    func beacon(_ number: Int) -> (vector: [BFloat16], query: [Float]) {
        let query = (0..<dimension).map { Float(($0 * 7 + number * 13) % 11) - 5 }
        return (query.map { BFloat16($0 * 100) }, query)
    }
}

extension LivePartition {
    func rows(_ queries: [Float], k: Int = 10, options: SearchOptions = SearchOptions()) throws -> [[Int]] {
        try search(queries, k: k, options: options, deadline: .never).map { $0.map(\.row) }
    }

    /// The share of the exact best ten that searches find.
    func recall(_ queries: [Float], plan: SearchPlan? = nil, filter: Filter? = nil) throws -> Double {
        let found = try searchInDetail(
            queries, k: 10, options: SearchOptions(filter: filter), plan: plan, deadline: .never
        ).outcomes.map(\.hits)
        let truth = try search(queries, k: 10, options: SearchOptions(isExact: true, filter: filter), deadline: .never)
        let shared = zip(found, truth).reduce(0) { $0 + Set($1.0.map(\.row)).intersection($1.1.map(\.row)).count }
        return Double(shared) / Double(max(1, truth.reduce(0) { $0 + $1.count }))
    }

    /// Works until there is nothing to do, and returns how often there was; gives up after a hundred times.
    func maintainFully() throws -> Int {
        var times = 0
        while times < 100, try maintain(pause: {}) { times += 1 }
        return times
    }

    /// Vectors in lists, dead ones included.
    var coded: Int { state.withLock { $0.snapshot.coded?.count ?? 0 } }
    var generation: Int? { state.withLock { $0.header?.generation } }
}

/// The code of the error that `body` throws; nil when it throws none.
func refusal(_ body: () throws(ImpRAGError) -> Void) -> ImpRAGError? {
    do throws(ImpRAGError) {
        try body()
        return nil
    } catch {
        return error
    }
}
