import Kernels

/// Keys (after RoPE) and values of the passages in layers b…t, in rank order; immutable.
public struct PassageState: Sendable {
    /// Tokens of each passage, in rank order.
    public let tokenCounts: [Int]
    /// Nil without passages.
    let context: AttentionContext?
    /// What the states were made for.
    let layout: KeyValueLayout?

    init(tokenCounts: [Int], parts: [KeyValueTokens], spanCounts: [[Int]]) {
        self.tokenCounts = tokenCounts
        context = parts.isEmpty ? nil : AttentionContext(parts, spanCounts: spanCounts)
        layout = parts.first?.layout
    }

    /// Bytes in memory; passages that others share are counted here as well.
    public var byteCount: Int { context?.parts.reduce(0) { $0 + $1.byteCount } ?? 0 }
}
