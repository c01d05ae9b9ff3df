/// Whether a request of one kind can still be answered in time, from how long the last ones took. Pure.
///
/// By Little's law, the time that a request takes grows with the number of those that are in the works: the median of
/// time by number, over the last answers, times the number that there is now, is what the next one takes. That holds
/// for everything that a request goes through, here and on other nodes, whether it is computed in batches or one by
/// one. When requests are late all the same, that number is taken to be worth more, until enough of them are in time
/// again.
///
/// A cluster that has just woken up knows only what a few took, and a batch may hide more: so nothing is refused before
/// a request has missed its deadline. From then on requests are, until none has had to be for a while.
struct Admission {
    /// Answers that are looked at.
    static let window = 64
    /// Of the time that is left: an estimate is no promise.
    static let margin = 0.8
    /// With fewer requests in the works than this, the next one is always begun.
    static let freeRequests = 2
    /// How long the deadlines are looked at after one was missed, or a request refused.
    static let wariness = Duration.seconds(10)
    /// What each late request multiplies the estimate with, up to a limit, and each answer.
    static let cautionAfterLate = 1.2
    static let cautionAfterAnswer = 0.98
    static let cautionLimit = 8.0

    /// Requests in the works.
    private(set) var count = 0
    /// Of the last answers: their time, divided by the number of requests in the works meanwhile.
    private var shares: [Duration] = []
    private var oldest = 0
    private var waryUntil: ContinuousClock.Instant?
    private var caution = 1.0

    /// How much longer a request takes for each one that is in the works; nil before the first answer.
    var share: Duration? {
        shares.isEmpty ? nil : shares.sorted()[shares.count / 2]
    }

    /// When to ask again, if a request with `left` before its deadline cannot be answered in time; nil if it can.
    ///
    /// - Parameter place: how many requests, itself included, are ahead of its end: no more than there are, but fewer
    ///   where clients take turns.
    mutating func refusal(left: Duration, place: Int, at now: ContinuousClock.Instant) -> Duration? {
        guard count >= Self.freeRequests, let waryUntil, now < waryUntil, let share else { return nil }
        let room = left * Self.margin
        guard share * place * caution > room else { return nil }
        self.waryUntil = now + Self.wariness
        return max(share, share * place - room)
    }

    mutating func began() { count += 1 }

    /// - Parameters:
    ///   - time: what it took, if it was answered; nil: it failed.
    ///   - company: how many were in the works when it began, itself included.
    ///   - isLate: it failed because its time was over.
    mutating func ended(
        time: Duration?, company: Int, isLate: Bool, at now: ContinuousClock.Instant
    ) {
        if isLate {
            waryUntil = now + Self.wariness
            caution = min(Self.cautionLimit, caution * Self.cautionAfterLate)
        }
        if let time {
            // Those that came later may have slowed it down; that makes the estimate too high for a moment, and never
            // too low.
            let share = time / company
            if shares.count < Self.window {
                shares.append(share)
            } else {
                shares[oldest] = share
                oldest = (oldest + 1) % Self.window
            }
            if !isLate { caution = max(1, caution * Self.cautionAfterAnswer) }
        }
        count -= 1
    }
}
