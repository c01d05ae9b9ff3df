public import Core

/// One answer in the making: the growing caches of one request. Owned by one task at a time.
public final class DecodingSession {
    /// `[vocabulary]`: logits after the last token that went in; first after the prompt's last.
    public private(set) var logits: [Float] = []
    /// Softmax weight of the last prompt token on each passage, in rank order (DESIGN, "Attention mass").
    public let passageAttention: [Float] = []

    /// Feeds one token and updates `logits`. Throws `resourceExhausted` beyond the model's context.
    public func append(_ token: Int32) throws(ImpRAGError) {}
}
