import Kernels

/// Keys (after RoPE) and values of one passage, read by itself, in layers b…t. Immutable: requests share it.
public struct EncodedPassage: Sendable {
    let tokens: KeyValueTokens

    public var tokenCount: Int { tokens.count }
    /// Bytes in memory.
    public var byteCount: Int { tokens.byteCount }
}
