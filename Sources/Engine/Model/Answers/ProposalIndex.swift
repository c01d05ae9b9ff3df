/// What an answer may go on with: its last tokens, looked up in its passages, its prompt and itself. Owned by one
/// answer.
///
/// A map from two and three tokens in a row to the place behind them. What was said last wins, then the better passage,
/// then the prompt.
struct ProposalIndex {
    /// How many of the last tokens were found: three tell more than two.
    enum Match: Int { case two, three }

    /// Passages, prompt and answer, with `gap` behind each passage.
    private var tokens: [Int32] = []
    private var places: [UInt64: Int32] = [:]

    /// No token.
    private static let gap: Int32 = -1

    init(passages: [[Int32]], prompt: [Int32]) {
        let count = passages.reduce(prompt.count) { $0 + $1.count + 1 }
        tokens.reserveCapacity(count)
        places.reserveCapacity(2 * count)
        for passage in passages { tokens += passage + [Self.gap] }
        tokens += prompt
        for place in tokens.indices { keep(place, replacing: false) }
    }

    /// The answer's next token.
    mutating func append(_ token: Int32) {
        tokens.append(token)
        keep(tokens.count - 1, replacing: true)
    }

    /// What may come next, at most `limit` tokens; none where the last two tokens are new.
    func proposal(limit: Int) -> (tokens: ArraySlice<Int32>, match: Match) {
        let end = tokens.count
        if let place = key(before: end, .three).flatMap({ places[$0] }) { return (run(Int(place), limit), .three) }
        guard let place = key(before: end, .two).flatMap({ places[$0] }) else { return ([], .two) }
        return (run(Int(place), limit), .two)
    }

    private func run(_ place: Int, _ limit: Int) -> ArraySlice<Int32> {
        tokens[place..<min(place + limit, tokens.count)].prefix { $0 != Self.gap }
    }

    /// Remembers the token at `place` as what follows those before it.
    private mutating func keep(_ place: Int, replacing: Bool) {
        guard tokens[place] != Self.gap else { return }
        for match in [Match.two, .three] {
            guard let key = key(before: place, match), replacing || places[key] == nil else { continue }
            places[key] = Int32(clamping: place)
        }
    }

    /// The tokens before `place` as a number; nil where they are not all of one text. Ids from 2²¹ on collide, which
    /// costs a bad proposal and nothing else.
    private func key(before place: Int, _ match: Match) -> UInt64? {
        let count = match.rawValue + 2
        guard place >= count else { return nil }
        var key = UInt64(match.rawValue)
        for index in place - count..<place {
            guard tokens[index] != Self.gap else { return nil }
            key = key << 21 | UInt64(UInt32(bitPattern: tokens[index]) & 0x1F_FFFF)
        }
        return key
    }
}
