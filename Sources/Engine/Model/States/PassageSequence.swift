public import Core

/// Tokens whose states depend on nothing else when passages are read: one passage, or all of them concatenated.
public struct PassageSequence: Hashable, Sendable {
    /// Ids; each passage with its BOS, cut.
    public let tokens: [Int32]
    public let firstPosition: Int

    /// A passage by itself, ids with BOS, cut.
    public init(passage tokens: [Int32]) {
        self.init(tokens: tokens, firstPosition: 0)
    }

    private init(tokens: [Int32], firstPosition: Int) {
        self.tokens = tokens
        self.firstPosition = firstPosition
    }

    /// The sequences of `passages` in this encoding, in rank order.
    public static func sequences(of passages: [[Int32]], encoding: PassageEncoding) -> [PassageSequence] {
        guard encoding != .concatenated || passages.isEmpty else {
            return [PassageSequence(tokens: Array(passages.joined()), firstPosition: 0)]
        }
        var total = 0
        return passages.map { passage in
            defer { total += passage.count }
            return PassageSequence(tokens: passage, firstPosition: encoding == .segmented ? total : 0)
        }
    }
}
