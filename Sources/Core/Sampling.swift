/// How tokens are chosen and when an answer ends: checked options with nothing left open.
public struct Sampling: Hashable, Sendable {
    /// Checked; its `maxTokens` is this value's.
    public let options: SamplingOptions
    /// The most tokens of the answer.
    public let maxTokens: Int

    /// At most this many stop strings, each of at most `stopByteLimit` bytes.
    public static let stopCountLimit = 16
    public static let stopByteLimit = 256

    /// Greedy, up to `maxTokens` tokens, unless `options` say otherwise.
    ///
    /// - Parameter maxTokens: used when `options` leave it open.
    /// - Throws: `invalidArgument` naming every field that is out of range.
    public init(_ options: SamplingOptions = SamplingOptions(), maxTokens: Int) throws(ImpRAGError) {
        var options = options
        self.maxTokens = options.maxTokens ?? maxTokens
        options.maxTokens = self.maxTokens
        self.options = options
        let problems = problems
        guard problems.isEmpty else { throw ImpRAGError(.invalidArgument, problems.joined(separator: "; ")) }
    }

    private var problems: [String] {
        let (temperature, topP, topK, stop) = (options.temperature, options.topP ?? 1, options.topK, options.stop)
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
        if let count = options.topLogprobs, !(0...SamplingOptions.topLogprobsLimit).contains(count) {
            problems.append("top_logprobs is \(count); 0 to \(SamplingOptions.topLogprobsLimit) is allowed")
        }
        return problems
    }
}
