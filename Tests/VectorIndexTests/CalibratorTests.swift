import Core
import Kernels
import TestSupport
import Testing

@testable import VectorIndex

/// Which queries a calibration is measured with decides what it promises.
@Suite struct CalibratorTests {
    /// Vectors that lie around a point far from the origin, as key states do, and queries that go in all directions.
    private struct Foreign {
        let built: BuiltIndex
        private(set) var random: SeededGenerator

        private static let dimension = 32

        init() throws {
            var clusters = Clusters(dimension: Self.dimension, count: 100, seed: 21)
            var vectors = clusters.next(8000)
            for place in vectors.indices { vectors[place] += place % Self.dimension < 4 ? 30 : 0 }
            built = try BuiltIndex(MemoryVectors(dimension: Self.dimension, vectors: vectors), calibrated: false)
            random = SeededGenerator(seed: 22)
        }

        mutating func queries(_ count: Int) -> [Float] {
            (0..<(count * Self.dimension)).map { _ in Float.random(in: -1...1, using: &random) }
        }

        func calibration(_ sample: SampleQueries?) throws -> Calibration {
            try Calibrator(snapshot: built.snapshot, source: built.source, pool: WorkerPool(threadCount: 2))
                .run(sample: sample) { _ in }
        }
    }

    @Test("queries that are not like the vectors get their recall when calibration had such, and cost more")
    func foreignQueries() throws {
        var foreign = try Foreign()
        let sample = SampleQueries(vectors: foreign.queries(SampleQueries.limit), source: .questions)
        let queries = foreign.queries(300)
        let (own, given) = (try foreign.calibration(nil), try foreign.calibration(sample))
        #expect(own.source == .passages && given.source == .questions && given.queries == SampleQueries.limit)
        for target in [0.9, 0.95, 0.99] {
            let plan = try #require(given.entry(for: target)).plan
            let recall = try foreign.built.recall(queries, plan: plan)
            #expect(recall >= target - 0.02, "\(recall) for \(target) with \(plan)")
            #expect(try #require(own.entry(for: target)).plan.probes < plan.probes)
        }
    }

    @Test("more queries than the limit are not used, few are, and the same ones give the same")
    func sampleSizes() throws {
        var foreign = try Foreign()
        let vectors = foreign.queries(SampleQueries.limit + 30)
        let all = try foreign.calibration(SampleQueries(vectors: vectors, source: .searches))
        #expect(all.queries == SampleQueries.limit && all.source == .searches)
        #expect(all == (try foreign.calibration(SampleQueries(vectors: vectors, source: .searches))))
        let one = try foreign.calibration(SampleQueries(vectors: Array(vectors.prefix(32)), source: .prompts))
        #expect(one.queries == 1 && one.entries.count == Calibration.targets.count)
    }

    @Test(
        "a sample is of live rows only, of all of them where they are few, and the same one every time",
        arguments: [(100, 1), (5000, 1), (5000, 3), (40_000, 50)])
    func samples(rows: Int, oneOf: Int) {
        var live = RowSet()
        for row in stride(from: 0, to: rows, by: oneOf) { live.insert(row) }
        let sample = IndexTrainer.sample(live, limit: 400, seed: 3)
        #expect(sample.count == min(400, live.count) && Set(sample).count == sample.count)
        #expect(sample.allSatisfy { live.contains($0) } && sample != sample.sorted())
        #expect(sample == IndexTrainer.sample(live, limit: 400, seed: 3))
        if sample.count == 400 { #expect(sample != IndexTrainer.sample(live, limit: 400, seed: 4)) }
        // From all over.
        #expect(sample.contains { $0 < rows / 4 } && sample.contains { $0 > rows * 3 / 4 })
    }

    @Test("calibration stops when it is told to, between any two vectors' blocks")
    func stopped() throws {
        var foreign = try Foreign()
        let sample = SampleQueries(vectors: foreign.queries(100), source: .questions)
        let built = foreign.built
        #expect(throws: ImpRAGError.self) {
            try Calibrator(snapshot: built.snapshot, source: built.source, pool: WorkerPool(threadCount: 2)).run(
                sample: sample, pause: { () throws(ImpRAGError) in throw ImpRAGError(.cancelled, "enough") }
            ) { _ in }
        }
    }
}
