public import Core

/// How tokens are chosen and when an answer ends. Checked when it is made.
public struct Sampling: Sendable {
    /// 0 is greedy: the most probable token, the lowest id on a tie.
    public let temperature: Double
    /// The smallest set of most probable tokens whose probabilities reach this is kept; 1 keeps all.
    public let topP: Double
    /// The number of most probable tokens kept; 0 keeps all.
    public let topK: Int
    /// The same seed gives the same tokens; nil draws a new one.
    public let seed: UInt64?
    /// The answer ends before the first of these that appears in it.
    public let stop: [String]
    public let maxTokens: Int

    /// At most this many stop strings, each of at most `stopByteLimit` bytes.
    public static let stopCountLimit = 16
    public static let stopByteLimit = 256

    /// Throws `invalidArgument` naming every field that is out of range.
    public init(
        temperature: Double = 0, topP: Double = 1, topK: Int = 0, seed: UInt64? = nil, stop: [String] = [],
        maxTokens: Int
    ) throws(ImpRAGError) {
        var problems: [String] = []
        if !(temperature >= 0 && temperature <= 100) {
            problems.append("temperature is \(temperature); 0 to 100 is allowed")
        }
        if !(topP > 0 && topP <= 1) { problems.append("top_p is \(topP); more than 0 and at most 1 is allowed") }
        if topK < 0 { problems.append("top_k is \(topK); 0 (all tokens) or more is allowed") }
        if maxTokens < 1 { problems.append("max_tokens is \(maxTokens); 1 or more is allowed") }
        if stop.count > Self.stopCountLimit {
            problems.append("\(stop.count) stop strings; \(Self.stopCountLimit) are allowed")
        }
        if stop.contains(where: { $0.isEmpty || $0.utf8.count > Self.stopByteLimit }) {
            problems.append("a stop string is empty or longer than \(Self.stopByteLimit) bytes")
        }
        guard problems.isEmpty else { throw ImpRAGError(.invalidArgument, problems.joined(separator: "; ")) }
        self.temperature = temperature
        self.topP = topP
        self.topK = topK
        self.seed = seed
        self.stop = stop
        self.maxTokens = maxTokens
    }
}
