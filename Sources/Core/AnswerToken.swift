/// One decoding step of an answer: a token, and the text that became certain with it.
public struct AnswerToken: Hashable, Sendable {
    /// Empty while a character or a possible stop string is incomplete.
    public var text: String
    /// Nil only in a last step that carries nothing but text held back until then.
    public var token: Int32?
    /// Natural logarithm of the token's probability at temperature 1; 0 without a token.
    public var logprob: Float
    /// When the request has `topLogprobs`: the token itself, then as many of the most probable ones, best first.
    public var alternatives: [TokenCandidate]
    /// The share of attention that each passage had in the step that chose the token, in rank order; empty unless it
    /// was measured, and without a token.
    public var passageAttention: [Float]

    public init(
        text: String, token: Int32?, logprob: Float, alternatives: [TokenCandidate] = [],
        passageAttention: [Float] = []
    ) {
        self.text = text
        self.token = token
        self.logprob = logprob
        self.alternatives = alternatives
        self.passageAttention = passageAttention
    }
}
