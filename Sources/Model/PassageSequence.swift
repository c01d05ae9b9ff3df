public import Core

/// What runs through the layers as one sequence when passages are read, and decides its states by itself: a passage, or all of
/// them joined.
public struct PassageSequence: Hashable, Sendable {
    /// Ids; each passage with its BOS, cut.
    public let tokens: [Int32]
    public let firstPosition: Int

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
