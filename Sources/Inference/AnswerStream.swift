public import Core
import Model
import Tokenizer

/// Why an answer ended.
public enum FinishReason: String, Sendable, CaseIterable {
    /// An end token was chosen, or a stop string appeared.
    case stop
    /// `maxTokens` were generated.
    case length
}

/// One generated token, with the text that became certain with it.
public struct AnswerStep: Sendable {
    /// Nil only in a last step that carries nothing but text held back until then.
    public let token: Int32?
    /// Natural logarithm of the token's probability at temperature 1; 0 without a token.
    public let logprob: Float
    /// Often empty: a character or a possible stop string may be incomplete.
    public let text: String
}

/// An answer as it is generated, token by token. Owned by one task at a time; each step blocks for one pass of the model.
public final class AnswerStream {
    /// Softmax weight of the last prompt token on each passage, in rank order.
    public let passageAttention: [Float]
    /// Set after the last step.
    public private(set) var finish: FinishReason?
    /// Tokens generated so far.
    public private(set) var tokenCount = 0

    private let session: DecodingSession
    private let endTokens: Set<Int32>
    private let maxTokens: Int
    private var sampler: Sampler
    private var decoder: StreamDecoder
    private var stops: StopMatcher
    /// The token that `session` has not seen yet.
    private var pending: Int32?

    init(session: DecodingSession, endTokens: Set<Int32>, sampling: Sampling, decoder: StreamDecoder) {
        self.session = session
        self.endTokens = endTokens
        self.decoder = decoder
        passageAttention = session.passageAttention
        maxTokens = sampling.maxTokens
        sampler = Sampler(sampling)
        stops = StopMatcher(sampling.stop)
    }

    /// The next step, or nil when the answer has ended.
    public func next() throws(ImpRAGError) -> AnswerStep? {
        guard finish == nil else { return nil }
        if tokenCount == maxTokens { return end(.length) }
        if let token = pending { try session.append(token) }
        let token = sampler.choose(session.logits)
        if endTokens.contains(token) { return end(.stop) }
        pending = token
        tokenCount += 1
        let (text, stopped) = stops.append(try decoder.append(token))
        if stopped { finish = .stop }
        return AnswerStep(token: token, logprob: logProbability(of: token, in: session.logits), text: text)
    }

    private func end(_ reason: FinishReason) -> AnswerStep? {
        finish = reason
        let (text, stopped) = stops.append(decoder.finish())
        let rest = stopped ? text : text + stops.finish()
        return rest.isEmpty ? nil : AnswerStep(token: nil, logprob: 0, text: rest)
    }
}
