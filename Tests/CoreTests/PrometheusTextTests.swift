import Core
import Testing

struct PrometheusTextTests {
    @Test("counters, gauges and histograms are written as Prometheus reads them, each name once with its help")
    func text() throws {
        let registry = MetricRegistry()
        let first = try registry.counter("imprag_things_total", "Things.", labels: [MetricLabel("kind", "a")])
        try registry.gauge("imprag_share_ratio", "A share, or \\ two\nlines.") { 0.25 }
        try registry.counter("imprag_things_total", "Things.", labels: [MetricLabel("kind", "say \"b\"\n\\")]) { 2 }
        try registry.gauge("imprag_nothing_bytes", "Never known.") { nil }
        let histogram = try registry.histogram("imprag_thing_seconds", "How long.", labels: [MetricLabel("kind", "a")])
        first.add(3)
        histogram.record(.microseconds(100))
        histogram.record(.seconds(90))
        let lines = registry.families.prometheusText.split(separator: "\n").map(String.init)
        #expect(
            lines.prefix(8) == [
                "# HELP imprag_things_total Things.", "# TYPE imprag_things_total counter",
                "imprag_things_total{kind=\"a\"} 3", "imprag_things_total{kind=\"say \\\"b\\\"\\n\\\\\"} 2",
                "# HELP imprag_share_ratio A share, or \\\\ two\\nlines.", "# TYPE imprag_share_ratio gauge",
                "imprag_share_ratio 0.25", "# HELP imprag_thing_seconds How long.",
            ])
        #expect(lines[8] == "# TYPE imprag_thing_seconds histogram")
        #expect(lines[9] == "imprag_thing_seconds_bucket{kind=\"a\",le=\"0.0001\"} 1")
        #expect(lines.contains("imprag_thing_seconds_bucket{kind=\"a\",le=\"60\"} 1"))
        #expect(
            lines.suffix(3) == [
                "imprag_thing_seconds_bucket{kind=\"a\",le=\"+Inf\"} 2", "imprag_thing_seconds_sum{kind=\"a\"} 90.0001",
                "imprag_thing_seconds_count{kind=\"a\"} 2",
            ])
        #expect(lines.count == 9 + Histogram.bounds.count + 3)
    }

    @Test("without metrics there is no text")
    func none() {
        #expect(MetricRegistry().families.prometheusText.isEmpty)
    }
}
