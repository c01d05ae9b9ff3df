import Core
import Kernels
import TestSupport
import Testing

@testable import VectorIndex

/// What a model knows beside directions and centroids.
@Suite struct IndexTrainerTests {
    private static let dimension = 24

    /// Groups of 100 vectors around far centres; those of odd groups lie three times as far from them.
    private static func groups(_ count: Int) -> [Float] {
        var random = SeededGenerator(seed: 31)
        var vectors: [Float] = []
        for group in 0..<count {
            let centre = (0..<dimension).map { _ in Float.random(in: -50...50, using: &random) }
            for _ in 0..<100 {
                let size: Float = group % 2 == 0 ? 1 : 3
                vectors += centre.map { $0 + Float.random(in: -size...size, using: &random) }
            }
        }
        return vectors
    }

    private static func model(_ source: MemoryVectors, queries: [Float] = []) throws -> IndexModel {
        try IndexTrainer(source: source, pool: WorkerPool(threadCount: 2)).train(source.live, queries: queries) { _ in }
    }

    @Test("a list's spread is how far its vectors lie from its centroid")
    func spreads() throws {
        let source = MemoryVectors(dimension: Self.dimension, vectors: Self.groups(40))
        let model = try Self.model(source)
        let index = try ListIndexBuilder(source: source, pool: WorkerPool(threadCount: 2))
            .build(model, until: source.rowLimit) { _ in }.index
        var (tight, wide): ([Float], [Float]) = ([], [])
        for (list, chunks) in index.lists.enumerated() {
            let groups = Set(chunks.flatMap { chunk in (0..<chunk.count).map { chunk.row($0) / 100 % 2 } })
            guard groups.count == 1, chunks.reduce(0, { $0 + $1.count }) >= 20 else { continue }
            if groups == [0] { tight.append(model.spreads[list]) } else { wide.append(model.spreads[list]) }
        }
        #expect(tight.count > 5 && wide.count > 5)
        let ratio = (wide.reduce(0, +) / Float(wide.count)) / (tight.reduce(0, +) / Float(tight.count))
        #expect(ratio > 1.8 && ratio < 3.5, "\(ratio)")
    }

    @Test("codes are better on the coordinates that sample queries use, and too few queries say nothing")
    func weights() throws {
        var clusters = Clusters(dimension: 256, count: 30, seed: 32)
        let source = MemoryVectors(dimension: 256, vectors: clusters.next(3000))
        let own = try Self.model(source)
        // Along the model's own directions 100 to 119, of which its vectors have little.
        var random = SeededGenerator(seed: 33)
        var queries: [Float] = []
        for _ in 0..<SampleQueries.least {
            var query = [Float](repeating: 0, count: 256)
            for direction in 100..<120 {
                let size = Float.random(in: -1...1, using: &random)
                for column in 0..<256 { query[column] += size * own.projection[direction * 256 + column].float }
            }
            queries += query
        }
        let given = try Self.model(source, queries: queries)
        let few = try Self.model(source, queries: Array(queries.dropLast(256)))
        #expect(few.weights == own.weights)
        func error(_ model: IndexModel, _ range: Range<Int>) -> Float { model.layout.errors[range].reduce(0, +) }
        #expect(error(given, 100..<120) < 0.5 * error(own, 100..<120))
        #expect(error(given, 120..<256) > error(own, 120..<256))
    }
}
