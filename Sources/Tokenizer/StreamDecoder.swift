public import Core

/// Turns ids into text as they come, holding back an incomplete character until it is whole or can never be.
public struct StreamDecoder: Sendable {
    /// The text that `id` completes; often empty.
    public mutating func append(_ id: Int32) throws(ImpRAGError) -> String { "" }

    /// What is still held back, as U+FFFD where it is incomplete.
    public mutating func finish() -> String { "" }
}
