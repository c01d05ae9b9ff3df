/// Proposes an answer's next tokens, and learns how often it is right. Owned by one answer.
///
/// It looks up a proposal for every token, verified or not, and compares: so an answer that copies nothing comes to
/// cost no row, and one that begins to copy is noticed without any.
struct Proposer {
    private var index: ProposalIndex
    /// The next token as proposed.
    private var guess: Int32?
    private var match = ProposalIndex.Match.one
    /// Of this answer.
    private var hitRates: HitRates
    /// Tokens that a pass verified, and those of them that were right.
    var proposedTokens = 0
    var acceptedTokens = 0

    /// Tokens of one proposal at most.
    static let limit = 8

    /// - Parameter hitRates: of the answers before.
    init(passages: [[Int32]], prompt: [Int32], answer: [Int32], hitRates: HitRates = HitRates()) {
        self.hitRates = hitRates
        index = ProposalIndex(passages: passages, prompt: prompt)
        for token in answer { index.append(token) }
        look()
    }

    /// The answer went on with `token`. Returns after which match that was guessed right or wrong; nil without a guess.
    mutating func said(_ token: Int32) -> (match: ProposalIndex.Match, isRight: Bool)? {
        let outcome = guess.map { (match: match, isRight: $0 == token) }
        if let outcome { hitRates.note(outcome.match, isRight: outcome.isRight, weight: HitRates.weightInAnswer) }
        index.append(token)
        look()
        return outcome
    }

    private mutating func look() {
        let proposal = index.proposal(limit: 1)
        guess = proposal.tokens.first
        match = proposal.match
    }

    /// Tokens that are worth rows of the next pass, at most `limit`, whose rows are taken from `budget`.
    func propose(limit: Int, from budget: inout PassBudget) -> [Int32] {
        guard guess != nil, limit > 0 else { return [] }
        let tokens = index.proposal(limit: min(limit, Self.limit)).tokens
        var probability = 1.0
        var count = 0
        while count < tokens.count {
            // Each hit makes the match longer.
            probability *= hitRates[count == 0 ? match : count == 1 && match == .one ? .two : .three]
            guard budget.take(probability: probability) else { break }
            count += 1
        }
        return Array(tokens.prefix(count))
    }
}
