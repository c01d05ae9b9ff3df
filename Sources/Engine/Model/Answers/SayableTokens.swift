import Tokenizer

/// The ids that an answer may contain: those that the tokenizer can say, and those that end an answer.
///
/// Vocabularies are often padded to a round size with rows that stand for no token. Such an id has no text, so it is
/// never chosen, and the softmax is over the others alone.
struct SayableTokens: Sendable {
    /// Logits from here on are left out: padding is usually a tail, and then costs nothing.
    let bound: Int
    /// Ids below `bound` that cannot be said, ascending; almost always none.
    let gaps: [Int]

    /// - Parameters:
    ///   - vocabularySize: of the model; at least the tokenizer's.
    ///   - tokenizer: nil says everything.
    init(vocabularySize: Int, tokenizer: Tokenizer?, endTokens: Set<Int32>) {
        guard let tokenizer else {
            bound = vocabularySize
            gaps = []
            return
        }
        let isSayable = (0..<vocabularySize).map {
            let id = Int32(truncatingIfNeeded: $0)
            return tokenizer.contains(id) || endTokens.contains(id)
        }
        let bound = (isSayable.lastIndex(of: true) ?? -1) + 1
        self.bound = bound
        gaps = (0..<bound).filter { !isSayable[$0] }
    }

    func contains(_ id: Int32) -> Bool { id >= 0 && id < bound && !gaps.contains(Int(id)) }

    /// The logits of sayable ids, which are indices; −∞ in gaps.
    ///
    /// - Parameter row: `[vocabulary]` and more.
    func logits(_ row: ArraySlice<Float>) -> [Float] {
        var logits = Array(row.prefix(bound))
        for id in gaps { logits[id] = -.infinity }
        return logits
    }
}
