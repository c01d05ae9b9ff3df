/// The shape of one layer's attention.
public struct AttentionShape: Sendable {
    public let keyHeadCount: Int
    /// Query heads that share one key head.
    public let groupSize: Int
    public let headSize: Int
    /// Whether queries and softmax weights may be rounded to bf16 as keys and values are: half the multiplications, for
    /// models that are no more precise than that.
    public let roundsQueries: Bool

    public init(keyHeadCount: Int, groupSize: Int, headSize: Int, roundsQueries: Bool = false) {
        self.keyHeadCount = keyHeadCount
        self.groupSize = groupSize
        self.headSize = headSize
        self.roundsQueries = roundsQueries
    }

    /// Numbers in one token's keys, and in its values.
    public var keyWidth: Int { keyHeadCount * headSize }
    /// Numbers in one token's queries.
    public var queryWidth: Int { keyWidth * groupSize }
}
