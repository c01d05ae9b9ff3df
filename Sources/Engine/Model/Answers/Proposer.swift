/// Proposes an answer's next tokens, and learns how often it is right. Owned by one answer.
///
/// It looks up a proposal for every token, verified or not, and compares: so an answer that copies nothing comes to cost
/// no row, and one that begins to copy is noticed without any.
struct Proposer {
    private var index: ProposalIndex
    /// The next token as proposed.
    private var guess: Int32?
    private var match = ProposalIndex.Match.two
    /// The share of guesses that were right after matches of two and of three tokens, the latest ones above all.
    private var hitRates = [0.2, 0.5]
    /// Tokens that a pass verified, and those of them that were right.
    var proposedTokens = 0
    var acceptedTokens = 0

    /// Tokens of one proposal at most.
    static let limit = 8
    /// The weight of the latest guess.
    private static let rate = 0.125

    init(passages: [[Int32]], prompt: [Int32], answer: [Int32]) {
        index = ProposalIndex(passages: passages, prompt: prompt)
        for token in answer { index.append(token) }
        look()
    }

    /// The answer went on with `token`.
    mutating func said(_ token: Int32) {
        if let guess { hitRates[match.rawValue] += ((guess == token ? 1 : 0) - hitRates[match.rawValue]) * Self.rate }
        index.append(token)
        look()
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
            // Behind a first hit, three tokens match.
            probability *= hitRates[count == 0 ? match.rawValue : ProposalIndex.Match.three.rawValue]
            guard budget.take(probability: probability) else { break }
            count += 1
        }
        return Array(tokens.prefix(count))
    }
}
