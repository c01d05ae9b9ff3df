/// What decides the extents of a handed-over prompt state, besides its tokens.
public struct HandoverShape: Sendable {
    /// D.
    public let hiddenSize: Int
    /// b.
    public let bottomBoundary: Int
    /// w = h_k · d_h.
    public let keyWidth: Int

    public init(hiddenSize: Int, bottomBoundary: Int, keyWidth: Int) {
        self.hiddenSize = hiddenSize
        self.bottomBoundary = bottomBoundary
        self.keyWidth = keyWidth
    }

    public init(_ configuration: ModelConfiguration) {
        self.init(
            hiddenSize: configuration.hiddenSize, bottomBoundary: configuration.bottomBoundary,
            keyWidth: configuration.embeddingDimension)
    }
}
