import Core
import Synchronization
import TestSupport
import Testing
import VectorIndex

@testable import Storage

/// The effort of searches follows the searches that come.
@Suite struct RecalibrationTests {
    private static let (rows, dimension) = (4500, 16)

    /// Queries of one half of the space only, unlike the vectors.
    private static func queries(_ count: Int, seed: UInt64 = 5) -> [Float] {
        var random = SeededGenerator(seed: seed)
        return (0..<(count * dimension)).map { Float.random(in: $0 % dimension == 0 ? 0...3 : -1...1, using: &random) }
    }

    /// As a recall meter that measured `count` searches would leave it.
    private static func fill(_ live: LivePartition, count: Int, share: Double) {
        let vectors = queries(count)
        live.samples.withLock { samples in
            for first in stride(from: 0, to: vectors.count, by: dimension) {
                samples.add(Array(vectors[first..<(first + dimension)]), share: share)
            }
        }
    }

    @Test("after enough searches an index that knew no real query is calibrated with them, once, and for later ones")
    func searchesReplacePassages() throws {
        let test = try TestPartition(rows: Self.rows, dimension: Self.dimension)
        var live = try LivePartition(test.open())
        #expect(live.calibration?.source == .passages)
        Self.fill(live, count: SampleQueries.limit - 1, share: 1)
        #expect(try live.maintainFully() == 0)
        Self.fill(live, count: 2, share: 1)
        #expect(try live.maintainFully() == 1)
        let calibration = try #require(live.calibration)
        #expect(calibration.source == .searches && calibration.queries == SampleQueries.limit)
        #expect(live.samples.withLock { $0.mean } == nil, "what was measured belongs to the former effort")
        let recall = try live.recall(Self.queries(300, seed: 6))
        #expect(recall >= 0.93, "\(recall)")
        // Enough recall: nothing to do.
        Self.fill(live, count: 2 * SampleQueries.limit, share: 0.945)
        #expect(try live.maintainFully() == 0)

        live = try LivePartition(TestPartition(rows: 1, dimension: 2, indexed: false).open(.readOnly))
        let partition = try test.open()
        live = try LivePartition(partition)
        #expect(live.calibration == calibration)
        // A new index is calibrated with the queries that are kept.
        let state = try test.construct(partition, generation: 2)
        #expect(state.calibration.source == .searches && state.calibration.queries == SampleQueries.limit)
    }

    @Test("searches that find too little are calibrated again, whatever the calibration knew")
    func tooLittle() throws {
        let test = try TestPartition(rows: Self.rows, dimension: Self.dimension)
        let partition = try test.open()
        let sample = SampleQueries(vectors: Self.queries(100, seed: 9), source: .questions)
        _ = try IndexConstruction(partition, target: 0.95, threads: 2).run(generation: 2, sample: sample) { _, _, _ in }
        let live = try LivePartition(partition)
        #expect(live.calibration?.source == .questions)
        Self.fill(live, count: SampleQueries.limit, share: 0.95)
        #expect(try live.maintainFully() == 0)
        live.samples.withLock { $0.restart() }
        Self.fill(live, count: SampleQueries.least - 1, share: 0.9)
        #expect(try live.maintainFully() == 0)
        Self.fill(live, count: 1, share: 0.9)
        #expect(try live.maintainFully() == 1)
        #expect(live.calibration?.source == .searches && live.calibration?.queries == SampleQueries.limit)
    }

    @Test("too little is what chance does not explain")
    func chance() {
        // Half of the searches found all, half 0.7: 0.85 on average, with a standard error of 0.15 / √n.
        for (count, limit, expected) in [(50, 0.9, false), (50, 0.92, true), (400, 0.86, false), (400, 0.88, true)] {
            var samples = SearchSamples()
            for number in 0..<count { samples.add([1], share: number % 2 == 0 ? 1 : 0.7) }
            #expect(samples.areBelow(limit) == expected, "\(count) searches, \(limit)")
        }
    }

    @Test("an effort that was set by hand is nobody else's business")
    func rawKnobs() throws {
        let test = try TestPartition(rows: Self.rows, dimension: Self.dimension)
        for defaults in [LivePartition.Defaults(probes: 2), LivePartition.Defaults(candidates: 10)] {
            let live = try LivePartition(test.open(), defaults: defaults)
            Self.fill(live, count: SampleQueries.limit, share: 0.2)
            #expect(try live.maintainFully() == 0)
        }
    }

    @Test("a calibration that is stopped changes nothing and is taken up again")
    func stopped() throws {
        let test = try TestPartition(rows: Self.rows, dimension: Self.dimension)
        let live = try LivePartition(test.open())
        let before = live.calibration
        Self.fill(live, count: SampleQueries.limit, share: 0.5)
        let error = refusal { () throws(ImpRAGError) in
            _ = try live.maintain { () throws(ImpRAGError) in throw ImpRAGError(.cancelled, "enough") }
        }
        #expect(error?.code == .cancelled && live.calibration == before)
        #expect(try live.maintainFully() == 1)
        #expect(live.calibration?.source == .searches)
    }

    @Test("sample queries come back from the disk as they were, and damaged ones are data loss")
    func storedQueries() throws {
        let test = try TestPartition(rows: 30, dimension: Self.dimension, indexed: false)
        let partition = try test.open()
        #expect(try partition.calibrationQueries() == nil)
        let sample = SampleQueries(vectors: Self.queries(3) + Self.queries(1).map { -$0 }, source: .prompts)
        let block = sample.block
        try partition.writeIndex([block], synced: false)
        #expect(try partition.calibrationQueries() == sample)
        for bytes in [[], [1, 2, 3], Array(block.bytes.dropLast()), [255, 255, 255, 255] + block.bytes] {
            try partition.writeIndex([VectorIndexBlock(.queries, bytes)], synced: false)
            let error = refusal { () throws(ImpRAGError) in _ = try partition.calibrationQueries() }
            #expect(error?.code == .dataLoss && error?.message.contains(test.path) == true)
        }
    }
}
