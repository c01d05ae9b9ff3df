import Core
import TestSupport
import Testing

struct MetricTests {
    @Test("quantiles are within a bucket's width of the sorted values'", arguments: [1, 2, 3])
    func quantiles(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let histogram = Histogram()
        let values = (0..<1000).map { _ in
            Int.random(in: 0...(1 << Int.random(in: 0...25, using: &random)), using: &random)
        }.sorted()
        for value in values { histogram.record(.microseconds(value)) }
        let figures = histogram.figures
        #expect(abs(figures.sum - Double(values.reduce(0, +)) / 1e6) < 1e-6 && figures.count == 1000)
        for quantile in [0, 0.01, 0.5, 0.9, 0.99, 1] {
            let exact = Double(values[max(0, Int((1000 * quantile).rounded(.up)) - 1)]) / 1e6
            let found = try #require(figures.quantile(quantile))
            let bucket = try #require(Histogram.bounds.firstIndex { exact <= $0 })
            let lower = bucket == 0 ? 0 : Histogram.bounds[bucket - 1]
            #expect(found >= lower && found <= Histogram.bounds[bucket], "seed \(seed), quantile \(quantile)")
        }
    }

    @Test("buckets are cumulative, and the last counts everything", arguments: [4, 5])
    func buckets(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let histogram = Histogram()
        let values = (0..<500).map { _ in Duration.microseconds(Int.random(in: 0...100_000_000, using: &random)) }
        for value in values { histogram.record(value) }
        let counts = Histogram.bounds.map { bound in values.count { $0 / .seconds(1) <= bound } }
        #expect(histogram.figures.counts == counts + [500])
    }

    @Test("within a bucket a quantile is linear, and huge counts and bounds of a peer are only numbers")
    func interpolation() {
        let figures = HistogramFigures(bounds: [1, 2], counts: [2, 6, 6], sum: 9)
        #expect([0, 0.25, 0.5, 5 / 6, 1].map { figures?.quantile($0) } == [0, 0.75, 1.25, 1.75, 2])
        let huge = HistogramFigures(bounds: [1e308], counts: [.max, .max], sum: 1e308)
        #expect(huge?.quantile(0.5) ?? 0 > 1e307)
    }

    @Test("a value on a bound belongs to its bucket; no values have no quantiles; absurd ones are clamped")
    func edges() {
        let histogram = Histogram()
        #expect(histogram.figures.quantile(0.5) == nil)
        histogram.record(.milliseconds(1))
        #expect(histogram.figures.quantile(1) == 0.001)
        for _ in 0..<100 { histogram.record(.seconds(Int64.max)) }
        histogram.record(.seconds(-5))
        #expect(histogram.figures.quantile(0.99) == Histogram.bounds.last)
        #expect(histogram.figures.counts.first == 1 && histogram.figures.sum == 0.001 + 100 * 86_400)
    }

    @Test("a histogram that cannot be is none")
    func impossible() {
        #expect(HistogramFigures(bounds: [1, 2], counts: [0, 3, 4], sum: 5) != nil)
        #expect(HistogramFigures(bounds: [], counts: [2], sum: 5)?.quantile(0.5) == 0)
        for (bounds, counts, sum) in [
            ([1, 2], [1, 2], 5), ([2, 1], [1, 2, 3], 5), ([1, 1], [1, 2, 3], 5), ([0, 1], [1, 2, 3], 5),
            ([1, .infinity], [1, 2, 3], 5), ([.nan], [1, 2], 5), ([1], [2, 1], 5), ([1], [-1, 1], 5),
            ([1], [1, 2], .nan),
            ([1], [1, 2], -1), ([], [], 0),
        ] as [([Double], [Int], Double)] {
            #expect(HistogramFigures(bounds: bounds, counts: counts, sum: sum) == nil, "\(bounds) \(counts) \(sum)")
        }
    }

    @Test("threads that count and record at the same time lose nothing")
    func concurrency() async throws {
        let registry = MetricRegistry()
        let counter = try registry.counter("imprag_things_total", "Things.")
        let histogram = try registry.histogram("imprag_thing_seconds", "How long a thing takes.")
        await withTaskGroup { group in
            for task in 0..<8 {
                group.addTask {
                    for _ in 0..<10_000 {
                        counter.add()
                        histogram.record(.milliseconds(task))
                    }
                }
            }
        }
        #expect(counter.value == 80_000 && histogram.figures.count == 80_000)
        #expect(abs(histogram.figures.sum - 280) < 1e-6)
    }

    @Test("samples come in the order of registration; what has nothing to tell is left out")
    func samples() throws {
        let registry = MetricRegistry()
        let gauge = try registry.gauge("imprag_part_bytes", "Bytes.", labels: [MetricLabel("part", "a")])
        try registry.gauge("imprag_part_bytes", "Bytes.", labels: [MetricLabel("part", "b")]) { 5 }
        try registry.gauge("imprag_recall_ratio", "Recall.") { nil }
        try registry.gauge("imprag_share_ratio", "A share.") { .nan }
        try registry.counter("imprag_hits_total", "Hits.") { 7 }
        gauge.set(ByteCount(1 << 20))
        #expect(
            registry.samples == [
                MetricSample("imprag_part_bytes", labels: [MetricLabel("part", "a")], .gauge(1_048_576)),
                MetricSample("imprag_part_bytes", labels: [MetricLabel("part", "b")], .gauge(5)),
                MetricSample("imprag_hits_total", .counter(7)),
            ])
        #expect(registry.samples.total("imprag_part_bytes") == 1_048_581)
        #expect(registry.samples.total("imprag_part_bytes", [MetricLabel("part", "b")]) == 5)
        #expect(registry.samples.total("imprag_recall_ratio") == nil)
    }

    @Test("a name stands once with its labels, and says what it is")
    func names() throws {
        let registry = MetricRegistry()
        let label = MetricLabel("part", "a")
        _ = try registry.gauge("imprag_part_bytes", "Bytes.", labels: [label])
        #expect(throws: ImpRAGError.self) { try registry.gauge("imprag_part_bytes", "Bytes.", labels: [label]) }
        #expect(throws: ImpRAGError.self) { try registry.gauge("imprag_part_bytes", "Others.") }
        #expect(throws: ImpRAGError.self) { try registry.counter("imprag_part_bytes", "Bytes.") }
        #expect(throws: ImpRAGError.self) { try registry.gauge("imprag_hits_total", "Hits.") }
        #expect(throws: ImpRAGError.self) { try registry.histogram("imprag_requests", "Requests.") }
        #expect(throws: ImpRAGError.self) { try registry.gauge("imprag bytes", "Bytes.") }
        #expect(throws: ImpRAGError.self) { try registry.gauge("9_bytes", "Bytes.") }
        #expect(throws: ImpRAGError.self) { try registry.gauge("imprag_bytes", "") }
        #expect(throws: ImpRAGError.self) { try registry.gauge("imprag_bytes", "Bytes.", labels: [label, label]) }
        #expect(registry.samples.count == 1)
    }
}
