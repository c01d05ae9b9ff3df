/// How fast a phase of a job gets on.
public struct Pace: Sendable, Equatable {
    /// Per second in this run; 0 at the phase's start.
    public let rate: Double
    /// Seconds until the phase ends at this rate; nil while the rate is unknown.
    public let remainingSeconds: Double?

    /// - Parameters:
    ///   - doneBefore: what earlier runs had done of `done`.
    ///   - seconds: since the phase began in this run.
    public init(done: Int, of total: Int, doneBefore: Int = 0, seconds: Double) {
        rate = seconds > 0 ? Double(done - doneBefore) / seconds : 0
        remainingSeconds = rate > 0 ? Double(max(total - done, 0)) / rate : nil
    }
}
