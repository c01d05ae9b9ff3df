/// What an answer may go on with: its last tokens, looked up in its passages, its prompt and itself. Owned by one
/// answer.
///
/// A look-up reads every token once, about a nanosecond each: less in a whole answer than it would take to make a map
/// of them, which most answers are too short to need. What was said last wins, then the better passage, then the
/// prompt.
struct ProposalIndex {
    /// How many of the last tokens were found, the more the surer. One counts only where the same token follows it
    /// everywhere, as in names.
    enum Match { case one, two, three }

    /// Passages, prompt and answer, with `gap` behind each passage.
    private var tokens: [Int32] = []
    /// Where the answer begins.
    private let start: Int

    /// No token.
    private static let gap: Int32 = -1

    init(passages: [[Int32]], prompt: [Int32]) {
        tokens.reserveCapacity(passages.reduce(prompt.count) { $0 + $1.count + 1 })
        for passage in passages { tokens += passage + [Self.gap] }
        tokens += prompt
        start = tokens.count
    }

    /// Bytes of one for so many tokens.
    static func byteCount(passages: [[Int32]], prompt: Int, answer: Int) -> Int {
        MemoryLayout<Int32>.size * passages.reduce(prompt + answer) { $0 + $1.count + 1 }
    }

    /// The answer's next token.
    mutating func append(_ token: Int32) { tokens.append(token) }

    /// What may come next, at most `limit` tokens; none where the last token is new, or was followed by several and the
    /// last two are new.
    func proposal(limit: Int) -> (tokens: ArraySlice<Int32>, match: Match) {
        guard let (place, match) = find() else { return ([], .one) }
        return (tokens[place..<min(place + limit, tokens.count)].prefix { $0 != Self.gap }, match)
    }

    /// The best place behind tokens like the last ones.
    private func find() -> (place: Int, match: Match)? {
        let end = tokens.count
        guard end > 2, tokens[end - 1] != Self.gap, tokens[end - 2] != Self.gap else { return nil }
        var found = Found()
        for place in stride(from: end - 1, to: max(1, start - 1), by: -1) {
            if note(place, in: &found) { return (place, .three) }
        }
        for place in stride(from: 2, to: start, by: 1) {
            if note(place, in: &found) { return (place, .three) }
        }
        if let pair = found.pair { return (pair, .two) }
        return found.isUnanimous ? found.single.map { ($0, .one) } : nil
    }

    /// The best places behind the last two tokens and behind the last one.
    private struct Found {
        var pair: Int?
        var single: Int?
        /// Whether the same token follows the last one wherever it stands.
        var isUnanimous = true
    }

    /// Looks at one more place, and returns whether the three tokens before it are the last three.
    private func note(_ place: Int, in found: inout Found) -> Bool {
        guard tokens[place - 1] == tokens[tokens.count - 1], tokens[place] != Self.gap else { return false }
        if let single = found.single {
            found.isUnanimous = found.isUnanimous && tokens[place] == tokens[single]
        } else {
            found.single = place
        }
        guard tokens[place - 2] == tokens[tokens.count - 2] else { return false }
        found.pair = found.pair ?? place
        return isTriple(place)
    }

    /// Whether the third before `place`, where there is a pair, is the third last.
    private func isTriple(_ place: Int) -> Bool {
        place > 2 && tokens[place - 3] == tokens[tokens.count - 3] && tokens[place - 3] != Self.gap
    }
}
