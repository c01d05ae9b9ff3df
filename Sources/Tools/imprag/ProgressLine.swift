import Platform

/// Progress on standard error: on a terminal one line that is rewritten, elsewhere a plain line every few seconds.
final class ProgressLine {
    private let isTerminal = StandardStream.error.isTerminal
    private var nextTime: ContinuousClock.Instant?
    private var isOpen = false

    /// Shows `text` if it is time; `isImportant` text is always shown.
    func show(_ text: @autoclosure () -> String, isImportant: Bool = false) {
        let now = ContinuousClock.now
        if let nextTime, now < nextTime, !isImportant { return }
        nextTime = now + (isTerminal ? .milliseconds(100) : .seconds(5))
        if isTerminal {
            StandardStream.error.rewriteLine(text())
            isOpen = true
        } else {
            printError(text())
        }
    }

    /// Leaves the line as it is.
    func finish() {
        if isOpen { printError("") }
        isOpen = false
    }
}

/// Seconds in human-readable form.
func readable(seconds: Double) -> String {
    let whole = Int(min(seconds, 1e9).rounded(.up))
    if whole < 120 { return "\(whole) s" }
    if whole < 7200 { return "\(whole / 60) min" }
    return "\(whole / 3600) h \(whole % 3600 / 60) min"
}
