/// The share of guesses that were right after matches of one, two and three tokens, the latest ones above all.
struct HitRates: Sendable {
    private var afterOne = 0.2
    private var afterTwo = 0.2
    private var afterThree = 0.5

    /// The weight of the latest guess in an answer, and of one among all answers of a model.
    static let weightInAnswer = 1.0 / 8
    static let weightAmongAnswers = 1.0 / 64

    subscript(match: ProposalIndex.Match) -> Double {
        switch match {
        case .one: afterOne
        case .two: afterTwo
        case .three: afterThree
        }
    }

    mutating func note(_ match: ProposalIndex.Match, isRight: Bool, weight: Double) {
        let change = ((isRight ? 1 : 0) - self[match]) * weight
        switch match {
        case .one: afterOne += change
        case .two: afterTwo += change
        case .three: afterThree += change
        }
    }
}
