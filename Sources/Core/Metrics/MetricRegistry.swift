import Synchronization

/// What one node counts and measures. Each figure's owner registers it once and keeps it up to date; all of them are
/// read as samples. Names follow Prometheus: they begin with `imprag_` and name the unit; those of counters end in
/// `_total`.
///
/// Any thread may call its closures. They hold their service weakly: a registry outlives the service whose figures it
/// reads.
public final class MetricRegistry: Sendable {
    private struct Metric {
        let name: String
        let labels: [MetricLabel]
        let kind: MetricFamily.Kind
        let help: String
        /// Returns nil while there is nothing to report.
        let read: @Sendable () -> MetricSample.Value?
    }

    private let metrics = Mutex<[Metric]>([])

    public init() {}

    /// - Parameters:
    ///   - name: ends in `_total`.
    ///   - help: a sentence for the reader of the figure.
    /// - Throws: `internal` when the name is wrong or taken, with the same labels or by another kind of metric.
    public func counter(
        _ name: String, _ help: String, labels: [MetricLabel] = []
    ) throws(ImpRAGError) -> Counter {
        let counter = Counter()
        try self.counter(name, help, labels: labels) { counter.value }
        return counter
    }

    /// A counter that is kept elsewhere and read when sampled. Throws as the others do.
    ///
    /// - Parameter read: nil while there is nothing to tell.
    public func counter(
        _ name: String, _ help: String, labels: [MetricLabel] = [], read: @escaping @Sendable () -> Int?
    ) throws(ImpRAGError) {
        try register(Metric(name: name, labels: labels, kind: .counter, help: help) { read().map { .counter($0) } })
    }

    /// A gauge that is set; 0 until then. Throws as `counter` does.
    public func gauge(_ name: String, _ help: String, labels: [MetricLabel] = []) throws(ImpRAGError) -> Gauge {
        let gauge = Gauge()
        try self.gauge(name, help, labels: labels) { gauge.value }
        return gauge
    }

    /// A gauge that is read when it is sampled. Throws as `counter` does.
    ///
    /// - Parameter read: returns nil, or a number that is not finite, while there is nothing to report.
    public func gauge(
        _ name: String, _ help: String, labels: [MetricLabel] = [], read: @escaping @Sendable () -> Double?
    ) throws(ImpRAGError) {
        try register(
            Metric(name: name, labels: labels, kind: .gauge, help: help) {
                read().flatMap { $0.isFinite ? .gauge($0) : nil }
            })
    }

    /// - Parameter name: ends in `_seconds`. Throws as `counter` does.
    public func histogram(_ name: String, _ help: String, labels: [MetricLabel] = []) throws(ImpRAGError) -> Histogram {
        let histogram = Histogram()
        try self.histogram(name, help, labels: labels) { histogram.figures }
        return histogram
    }

    /// A histogram that is kept elsewhere and read when sampled. Throws as `counter` does.
    ///
    /// - Parameter read: nil while there is nothing to tell.
    public func histogram(
        _ name: String, _ help: String, labels: [MetricLabel] = [],
        read: @escaping @Sendable () -> HistogramFigures?
    ) throws(ImpRAGError) {
        try register(
            Metric(name: name, labels: labels, kind: .histogram, help: help) { read().map { .histogram($0) } })
    }

    /// All metrics as they are now, in the order in which they were registered.
    public var samples: [MetricSample] {
        // Read without the lock: closures take locks of their own.
        metrics.withLock { $0 }.compactMap { metric in
            metric.read().map { MetricSample(metric.name, labels: metric.labels, $0) }
        }
    }

    /// The same by name, in the order in which the names were registered first; those with nothing to report are left
    /// out.
    public var families: [MetricFamily] {
        var families: [MetricFamily] = []
        var places: [String: Int] = [:]
        for metric in metrics.withLock({ $0 }) {
            guard let value = metric.read() else { continue }
            let sample = MetricSample(metric.name, labels: metric.labels, value)
            if let place = places[metric.name] {
                families[place].samples.append(sample)
            } else {
                places[metric.name] = families.count
                families.append(
                    MetricFamily(name: metric.name, kind: metric.kind, help: metric.help, samples: [sample]))
            }
        }
        return families
    }

    private func register(_ metric: Metric) throws(ImpRAGError) {
        if let problem = Self.problem(metric) { throw ImpRAGError(.internal, problem) }
        try metrics.withLock { metrics throws(ImpRAGError) in
            for known in metrics where known.name == metric.name {
                guard known.kind == metric.kind, known.help == metric.help, known.labels != metric.labels else {
                    throw ImpRAGError(
                        .internal, "the metric \(metric.name) is registered twice, with equal labels or as another one")
                }
            }
            metrics.append(metric)
        }
    }

    private static func problem(_ metric: Metric) -> String? {
        if let problem = MetricSample.problem(name: metric.name, labels: metric.labels) { return problem }
        let isRight =
            switch metric.kind {
            case .counter: metric.name.hasSuffix("_total")
            case .gauge: !metric.name.hasSuffix("_total")
            case .histogram: metric.name.hasSuffix("_seconds")
            }
        guard isRight else {
            return "the metric \(metric.name) has the wrong end; _total is a counter's and _seconds a histogram's"
        }
        return metric.help.isEmpty ? "the metric \(metric.name) has no help" : nil
    }
}
