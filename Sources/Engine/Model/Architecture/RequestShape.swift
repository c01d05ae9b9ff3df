public import Core

/// What a model decides about requests: the sizes that they must have, and what holds where they say nothing.
public struct RequestShape: Sendable {
    /// D.
    public var hiddenSize: Int
    /// b.
    public var bottomBoundary: Int
    /// w = h_k · d_h.
    public var keyWidth: Int
    public var vocabularySize: Int
    public var maxPassageTokens: Int
    /// Positions that the model was made for.
    public var maxPositions: Int
    /// k of a request that does not say.
    public var topK: Int
    /// Encoding of a request that does not say.
    public var encoding: PassageEncoding

    public init(
        hiddenSize: Int, bottomBoundary: Int, keyWidth: Int, vocabularySize: Int, maxPassageTokens: Int,
        maxPositions: Int, topK: Int, encoding: PassageEncoding
    ) {
        self.hiddenSize = hiddenSize
        self.bottomBoundary = bottomBoundary
        self.keyWidth = keyWidth
        self.vocabularySize = vocabularySize
        self.maxPassageTokens = maxPassageTokens
        self.maxPositions = maxPositions
        self.topK = topK
        self.encoding = encoding
    }

    public init(_ configuration: ModelConfiguration) {
        self.init(
            hiddenSize: configuration.hiddenSize, bottomBoundary: configuration.bottomBoundary,
            keyWidth: configuration.embeddingDimension, vocabularySize: configuration.vocabularySize,
            maxPassageTokens: configuration.maxPassageTokens, maxPositions: configuration.maxPositions,
            topK: configuration.topK, encoding: configuration.passageEncoding)
    }

    /// Bytes of the prompt state that one prompt token makes: hidden state, keys and values, float32 at most.
    public var stateBytesPerToken: Int { 4 * (hiddenSize + 2 * bottomBoundary * keyWidth) }
}
