public import Core

extension JSONLine {
    /// A metric as in `imprag status --json`.
    public init(_ sample: MetricSample) {
        self.init()
        add("name", sample.name)
        if !sample.labels.isEmpty {
            var labels = JSONLine()
            for label in sample.labels { labels.add(label.name, label.value) }
            add("labels", labels)
        }
        switch sample.value {
        case .counter(let count):
            add("kind", "counter")
            add("value", count)
        case .gauge(let value):
            add("kind", "gauge")
            add("value", raw: Self.digits(value))
        case .histogram(let figures):
            add("kind", "histogram")
            add("count", figures.count)
            add("sum", figures.sum)
            // The last bucket, which has no bound, holds the rest of the count.
            add(
                "buckets",
                zip(figures.bounds, figures.counts).map { bound, count in
                    var bucket = JSONLine()
                    bucket.add("at_most", bound)
                    bucket.add("count", count)
                    return bucket
                })
        }
    }

    /// Whole numbers without a point.
    public static func digits(_ value: Double) -> String {
        Int(exactly: value).map(String.init) ?? (value.isFinite ? value.description : "null")
    }
}
