/// Keys (after RoPE) and values of the passages in layers b…t, in rank order; immutable.
public struct PassageState: Sendable {
    /// Tokens of each passage, in rank order.
    public let tokenCounts: [Int]
    /// Layers b…t: `[tokens of all passages × h_k·d_h]`.
    let layers: [KeyValues]
}
