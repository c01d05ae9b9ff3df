import Core

/// What a request may expect of a generator: work that cannot be done in time is not begun. Pure.
///
/// Reading is serial, so the first token comes after all that is read before. With all places taken, a place becomes
/// free as often as the answers in progress end; the one for whom others then wait is begun only if it will probably be
/// finished, as nobody is served by answers that are cut at their deadlines. An idle generator begins whatever comes:
/// nothing better waits, and what it measures on the way is how it learns that it has become faster.
struct GenerationForecast {
    /// What a request needs.
    struct Work: Equatable {
        /// To be read before its first token.
        var readTokens: Int
        /// The most that are to be generated.
        var maxTokens: Int
    }

    var pace = GenerationPace()
    let places: Int
    /// Requests that have a place, or wait for nothing but memory.
    private(set) var taken = 0
    /// Tokens that these have to read.
    private(set) var unreadTokens = 0

    init(places: Int) { self.places = places }

    /// What is there after a round.
    mutating func update(taken: Int, unreadTokens: Int) {
        (self.taken, self.unreadTokens) = (taken, unreadTokens)
    }

    /// A request is begun.
    mutating func begin(_ work: Work) {
        taken += 1
        unreadTokens += work.readTokens
    }

    /// The error for a request that would not be done by its deadline; nil for one that may be.
    ///
    /// - Parameters:
    ///   - left: until its deadline.
    ///   - ahead: the requests whose turn comes before its own, and the tokens that they have to read.
    ///   - othersWait: whether somebody else would have its place.
    func refusal(
        of work: Work, left: Duration, ahead: (requests: Int, readTokens: Int) = (0, 0), othersWait: Bool = false
    ) -> ImpRAGError? {
        guard taken + ahead.requests > 0 else { return nil }
        // How many of those before it have to end for it to have a place.
        let ends = max(0, taken + ahead.requests + 1 - places)
        let wait = max(
            pace.secondsPerReadToken * Double(unreadTokens + ahead.readTokens),
            pace.secondsPerAnswer * Double(ends) / Double(places))
        var own = pace.secondsPerReadToken * Double(work.readTokens)
        if ends > 0 || othersWait { own += pace.secondsPerStep * pace.usualLength * Double(work.maxTokens) }
        let milliseconds = 1000 * (wait + own)
        let remaining = left / .milliseconds(1)
        guard milliseconds > remaining else { return nil }
        return ImpRAGError(
            .resourceExhausted,
            "the answer would take about \(Self.whole(milliseconds)) ms, with what is before it, and "
                + "\(Self.whole(max(0, remaining))) ms are left; try again in \(Self.whole(milliseconds - remaining)) ms"
        )
    }

    /// Rounded up, and never too large to say.
    private static func whole(_ milliseconds: Double) -> Int { Int(min(milliseconds, 1e9).rounded(.up)) }
}
