public import Core

/// What `config.json` says, checked: every number is in range and fits the others.
public struct ModelConfiguration: Sendable {
    /// N.
    public let layerCount: Int
    /// D.
    public let hiddenSize: Int
    /// h_q.
    public let queryHeadCount: Int
    /// h_k.
    public let keyHeadCount: Int
    /// d_h.
    public let headSize: Int
    public let vocabularySize: Int
    /// b.
    public let bottomBoundary: Int
    /// t.
    public let topBoundary: Int
    /// The number of passages that a request asks for unless it says otherwise.
    public let topK: Int
    public let maxPassageTokens: Int
    public let passageEncoding: PassageEncoding
    public let bosToken: Int32
    /// Any of these ends an answer.
    public let endTokens: Set<Int32>
    /// Positions that the model was made for; a request beyond it is refused.
    public let maxPositions: Int

    /// h_k · d_h: the length of query and passage embeddings and of one token's keys in one layer.
    public var embeddingDimension: Int { keyHeadCount * headSize }
}
