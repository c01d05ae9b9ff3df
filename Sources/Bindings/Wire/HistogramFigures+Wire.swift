import CWire
import Core

extension HistogramFigures: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__HistogramFigures>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        let bounds = try unsafe numbers(
            stored.bounds, stored.n_bounds, limit: Self.bucketLimit, "histogram_figures.bounds")
        var counts: [Int] = []
        for value in try unsafe numbers(
            stored.counts, stored.n_counts, limit: Self.bucketLimit, "histogram_figures.counts")
        {
            counts.append(try Wire.count(value, "histogram_figures.counts"))
        }
        guard let figures = HistogramFigures(bounds: bounds, counts: counts, sum: unsafe stored.sum) else {
            throw MalformedField(
                "histogram_figures has \(bounds.count) bounds and \(counts.count) counts; positive bounds that ascend, "
                    + "one count more, none less than the one before, and a finite sum are right")
        }
        self = figures
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__HistogramFigures> {
        let stored = unsafe arena.make(imprag__histogram_figures__init)
        unsafe stored.pointee.n_bounds = bounds.count
        unsafe stored.pointee.bounds = arena.array(bounds)
        unsafe stored.pointee.n_counts = counts.count
        unsafe stored.pointee.counts = arena.array(counts.map { UInt64(clamping: $0) })
        unsafe stored.pointee.sum = sum
        return unsafe stored
    }
}
