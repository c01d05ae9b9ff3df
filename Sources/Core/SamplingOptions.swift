/// How to choose tokens, what to tell of the choice, and when an answer ends, as a request says it. `Sampling` is its
/// checked form.
public struct SamplingOptions: Hashable, Sendable {
    /// 0 is greedy: the most probable token, the lowest id on a tie.
    public var temperature: Double
    /// The smallest set of most probable tokens whose probabilities reach this is kept; nil keeps all, as 1 does.
    public var topP: Double?
    /// The number of most probable tokens kept; 0 keeps all.
    public var topK: Int
    /// The same seed gives the same tokens; nil draws a new one.
    public var seed: UInt64?
    /// The answer ends before the first of these that appears in it.
    public var stop: [String]
    /// Nil leaves it to the node that answers.
    public var maxTokens: Int?
    /// How many of the most probable tokens come with each one, beside itself; nil: neither. They choose nothing.
    public var topLogprobs: Int?

    public static let topLogprobsLimit = 20

    public init(
        temperature: Double = 0, topP: Double? = nil, topK: Int = 0, seed: UInt64? = nil, stop: [String] = [],
        maxTokens: Int? = nil, topLogprobs: Int? = nil
    ) {
        self.temperature = temperature
        self.topP = topP
        self.topK = topK
        self.seed = seed
        self.stop = stop
        self.maxTokens = maxTokens
        self.topLogprobs = topLogprobs
    }
}
