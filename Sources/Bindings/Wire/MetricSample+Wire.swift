import CWire
import Core

extension MetricSample: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__MetricSample>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        let name = try unsafe checkedText(stored.name, "metric_sample.name")
        let labels: [MetricLabel] = try unsafe messages(
            stored.labels, stored.n_labels, limit: Self.labelLimit, "metric_sample.labels")
        if let problem = Self.problem(name: name, labels: labels) {
            throw MalformedField("metric_sample is malformed: \(problem)")
        }
        let value: Value
        switch unsafe stored.value_case {
        case IMPRAG__METRIC_SAMPLE__VALUE_COUNTER:
            value = .counter(try unsafe count(stored.counter, "metric_sample.counter"))
        case IMPRAG__METRIC_SAMPLE__VALUE_GAUGE:
            guard unsafe stored.gauge.isFinite else {
                throw MalformedField("metric_sample.gauge of \(name) is \(unsafe stored.gauge), which is not finite")
            }
            value = .gauge(unsafe stored.gauge)
        case IMPRAG__METRIC_SAMPLE__VALUE_HISTOGRAM:
            value = .histogram(try unsafe submessage(stored.histogram, "metric_sample.histogram"))
        default:
            throw MalformedField("metric_sample has no value for \(name); counter, gauge or histogram is right")
        }
        self.init(name, labels: labels, value)
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__MetricSample> {
        let stored = unsafe arena.make(imprag__metric_sample__init)
        unsafe stored.pointee.name = arena.bytes(of: name)
        unsafe stored.pointee.n_labels = labels.count
        unsafe stored.pointee.labels = arena.array(labels)
        switch value {
        case .counter(let count):
            unsafe stored.pointee.value_case = IMPRAG__METRIC_SAMPLE__VALUE_COUNTER
            unsafe stored.pointee.counter = UInt64(clamping: count)
        case .gauge(let value):
            unsafe stored.pointee.value_case = IMPRAG__METRIC_SAMPLE__VALUE_GAUGE
            unsafe stored.pointee.gauge = value
        case .histogram(let figures):
            unsafe stored.pointee.value_case = IMPRAG__METRIC_SAMPLE__VALUE_HISTOGRAM
            unsafe stored.pointee.histogram = figures.store(in: arena)
        }
        return unsafe stored
    }
}
