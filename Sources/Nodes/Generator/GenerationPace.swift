import Core

/// How fast a generator works, measured from its rounds and answers. Pure.
struct GenerationPace {
    /// Of the latest samples, older ones counting less and less.
    private struct Mean {
        private var sum = 0.0
        private var weight = 0.0
        private var count = 0

        /// The share of its weight that a sample keeps when another one comes.
        private static let decay = 0.9
        /// Fewer samples say nothing.
        private static let fewest = 5

        mutating func add(_ value: Double, of weight: Double = 1) {
            sum = sum * Self.decay + value
            self.weight = self.weight * Self.decay + weight
            count = min(count + 1, Self.fewest)
        }

        /// 0 while unknown: who knows nothing refuses nothing.
        var value: Double { count < Self.fewest || weight <= 0 ? 0 : sum / weight }
    }

    private var reading = Mean()
    private var stepping = Mean()
    private var answering = Mean()
    private var length = Mean()

    /// For each token of passages and prompts, with the decoding steps between two parts; a token whose states are
    /// there already counts like any other.
    var secondsPerReadToken: Double { reading.value }
    /// For each token of an answer.
    var secondsPerStep: Double { stepping.value }
    /// From an answer's place to its end.
    var secondsPerAnswer: Double { answering.value }
    /// The share of `max_tokens` that answers have.
    var usualLength: Double { length.value }

    /// A round has ended.
    ///
    /// - Parameters:
    ///   - readTokens: read in it.
    ///   - isStep: whether it generated tokens.
    mutating func round(of duration: Duration, readTokens: Int, isStep: Bool) {
        let seconds = duration / .seconds(1)
        if readTokens > 0 { reading.add(seconds, of: Double(readTokens)) }
        if isStep { stepping.add(seconds) }
    }

    /// An answer has ended, or has run into its deadline.
    ///
    /// - Parameter length: the share of the most tokens that it was allowed; nil for one that was cut.
    mutating func answer(of duration: Duration, length share: Double?) {
        answering.add(duration / .seconds(1))
        if let share { length.add(share) }
    }
}
