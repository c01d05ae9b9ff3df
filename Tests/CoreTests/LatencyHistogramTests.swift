import Core
import TestSupport
import Testing

struct LatencyHistogramTests {
    @Test("without samples every quantile is zero")
    func empty() {
        #expect(LatencyHistogram().microseconds(atQuantile: 0.5) == 0)
    }

    @Test("quantiles are within a sixteenth of the sorted samples'", arguments: [1, 2, 3])
    func quantiles(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var histogram = LatencyHistogram()
        var samples: [Int] = []
        for _ in 0..<LatencyHistogram.generationSize {
            let sample = Int.random(in: 0...(1 << Int.random(in: 0...30, using: &random)), using: &random)
            histogram.record(microseconds: sample)
            samples.append(sample)
        }
        samples.sort()
        for quantile in [0.01, 0.5, 0.9, 0.99, 1.0] {
            let exact = samples[max(0, Int(Double(samples.count) * quantile + 0.999_999) - 1)]
            let found = histogram.microseconds(atQuantile: quantile)
            #expect(found >= exact && found <= exact + exact / 16, "seed \(seed), quantile \(quantile)")
        }
    }

    @Test("old samples are forgotten")
    func forgetting() {
        var histogram = LatencyHistogram()
        for _ in 0..<LatencyHistogram.generationSize { histogram.record(.seconds(5)) }
        for _ in 0..<2 * LatencyHistogram.generationSize { histogram.record(.microseconds(7)) }
        #expect(histogram.microseconds(atQuantile: 0.99) == 7)
    }

    @Test("absurd durations are clamped, not trapped on")
    func absurd() {
        var histogram = LatencyHistogram()
        histogram.record(.seconds(Int64.max))
        histogram.record(.seconds(-5))
        histogram.record(microseconds: Int.max)
        #expect(histogram.microseconds(atQuantile: 0.01) == 0)
        #expect(histogram.microseconds(atQuantile: 1) > 86_400_000_000)
    }
}
