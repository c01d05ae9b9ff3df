/// A token that could be an answer's next.
public struct TokenCandidate: Hashable, Sendable {
    public var token: Int32
    /// What it brings to a text: not always whole characters.
    public var bytes: [UInt8]
    /// Natural logarithm of its probability at temperature 1.
    public var logprob: Float

    public init(token: Int32, bytes: [UInt8], logprob: Float) {
        self.token = token
        self.bytes = bytes
        self.logprob = logprob
    }
}
