/// How long a loop has not looked at its sockets although it meant to: its process was stopped, or had no processor.
/// What it finds then may have arrived as long ago, and nobody else can tell. Pure.
struct PauseMeter {
    /// Shorter than this it is a busy machine.
    static let threshold = Duration.milliseconds(200)
    /// Loops wait no longer than this at once: a longer wait would hide as long a pause.
    static let longestWaitMilliseconds = 250

    /// The most by which what is read now may be older than it looks; zero when there was no pause.
    private(set) var pause = Duration.zero
    private var lastWaitEnd: ContinuousClock.Instant?

    /// A wait has ended.
    ///
    /// - Parameter limit: when it should have ended at the latest.
    mutating func waited(
        from start: ContinuousClock.Instant, until limit: ContinuousClock.Instant, now: ContinuousClock.Instant
    ) {
        // Between two waits the loop works, and what arrives meanwhile waits as well.
        let late = max(now - limit, lastWaitEnd.map { start - $0 } ?? .zero)
        if late >= Self.threshold { pause = max(pause, late) }
        lastWaitEnd = now
    }

    /// Everything that had arrived has been read.
    mutating func drained() { pause = .zero }
}
