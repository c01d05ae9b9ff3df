/// The shape of one layer's attention.
public struct AttentionShape: Sendable {
    public let keyHeadCount: Int
    /// Query heads that share one key head.
    public let groupSize: Int
    public let headSize: Int

    public init(keyHeadCount: Int, groupSize: Int, headSize: Int) {
        self.keyHeadCount = keyHeadCount
        self.groupSize = groupSize
        self.headSize = headSize
    }

    /// Numbers in one token's keys, and in its values.
    public var keyWidth: Int { keyHeadCount * headSize }
    /// Numbers in one token's queries.
    public var queryWidth: Int { keyWidth * groupSize }
}
