import CKernels

/// How the keys and values of one sequence are laid out: blocks of 32 tokens, each with a part for every layer
/// (`attention.h`).
public struct KeyValueLayout: Hashable, Sendable {
    /// Tokens in a block.
    public static let blockTokens = Int(imprag_block_tokens)

    /// The model's layers that are kept.
    public let layers: Range<Int>
    public let keyHeadCount: Int
    public let headSize: Int
    /// `f32` or `bf16`.
    public let number: ProductNumber

    public init(layers: Range<Int>, keyHeadCount: Int, headSize: Int, number: ProductNumber) {
        precondition(number != .int8, "keys and values are f32 or bf16")
        self.layers = layers
        self.keyHeadCount = keyHeadCount
        self.headSize = headSize
        self.number = number
    }

    /// Numbers in one token's keys in one layer.
    public var keyWidth: Int { keyHeadCount * headSize }

    var layerBytes: Int { imprag_block_bytes(number.raw, keyHeadCount, headSize) }
    public var blockBytes: Int { layers.count * layerBytes }

    /// Bytes that `tokens` tokens take.
    public func byteCount(tokens: Int) -> Int { Self.blocks(tokens) * blockBytes }

    static func blocks(_ tokens: Int) -> Int { (tokens + blockTokens - 1) / blockTokens }
}
