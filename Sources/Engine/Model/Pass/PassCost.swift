/// How long passes of a model take: a first row, and each row more. In any unit; of the latest passes above all.
struct PassCost: Sendable {
    private(set) var firstRow = 1.0
    private(set) var nextRow = Self.guess
    private var isMeasured = false

    /// Of `nextRow` in `firstRow` before there are measurements, and, slowly, when there are none for long: one slow
    /// pass does not decide for ever.
    private static let guess = 0.25
    private static let rate = 1.0 / 16
    private static let forgetting = 1.0 / 512

    mutating func measured(_ time: Double, rows: Int) {
        guard rows > 0, time > 0 else { return }
        let more = Double(rows - 1)
        if !isMeasured {
            isMeasured = true
            firstRow = time / (1 + more * Self.guess)
            nextRow = firstRow * Self.guess
        } else if rows == 1 {
            firstRow += (time - firstRow) * Self.rate
            nextRow += (firstRow * Self.guess - nextRow) * Self.forgetting
        } else {
            // Never free: a row has at least the cost of its attention.
            nextRow += (max((time - firstRow) / more, firstRow / 100) - nextRow) * Self.rate
        }
    }
}
