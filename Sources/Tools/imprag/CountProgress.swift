/// Progress of work counted in units of one kind.
final class CountProgress {
    private let line = ProgressLine()
    private let start = ContinuousClock.now
    private let total: Int
    private let unit: String

    init(total: Int, unit: String) {
        self.total = total
        self.unit = unit
    }

    func show(done: Int) {
        let rate = Double(done) / max(milliseconds(ContinuousClock.now - start) / 1000, 1e-9)
        line.show(
            "\(done) of \(total) \(unit), \(fixed(rate, 0)) \(unit)/s, \(readable(seconds: Double(total - done) / rate)) left",
            isImportant: done == total)
    }

    func finish() { line.finish() }
}
