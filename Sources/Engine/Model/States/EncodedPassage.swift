import Kernels

/// Keys (after RoPE) and values of one passage, read by itself, in layers b…t. Immutable: requests share it.
public struct EncodedPassage: Sendable {
    let tokens: KeyValueTokens
    /// Tokens of the passage; `tokens` has fewer once it is pruned.
    public let tokenCount: Int
    /// What each token received from the others, where the reading measured it (`PassageReading`).
    let received: ReceivedAttention?

    init(tokens: KeyValueTokens, tokenCount: Int? = nil, received: ReceivedAttention? = nil) {
        self.tokens = tokens
        self.tokenCount = tokenCount ?? tokens.count
        self.received = received
    }

    /// Tokens whose states are kept: all, or half of them.
    public var keptTokenCount: Int { tokens.count }
    /// Bytes in memory.
    public var byteCount: Int { tokens.byteCount }

    /// The places of `count` tokens in one layer and key head, ascending: the first, the latest half of `count`, and of
    /// those between them the ones that receive most attention, the earlier of equal ones.
    ///
    /// The latest cannot have received much yet: by attention alone they would all be lost.
    ///
    /// Source: Zhang et al., "H2O: Heavy-Hitter Oracle for Efficient Generative Inference of Large Language Models"
    /// (NeurIPS 2023).
    func placesToKeep(_ count: Int, layer: Int, keyHead: Int) -> [Int] {
        guard count < tokens.count else { return Array(0..<tokens.count) }
        guard let received else { preconditionFailure("the passage was read without measuring its attention") }
        let weights = received.weights(layer: layer, keyHead: keyHead)
        let latest = tokens.count - count / 2..<tokens.count
        let order = (1..<latest.lowerBound).sorted { (weights[$1], $0) < (weights[$0], $1) }
        return [0] + order.prefix(count - 1 - latest.count).sorted() + latest
    }
}
