public import Core
public import Model
public import Wire

/// All layers, as the generator needs them. The real one is `ImpRAGModel`; tests bring their own.
public protocol AnswerEngine: Sendable {
    var fingerprint: Fingerprint { get }
    var shape: StateShape { get }
    /// Encoding of a request that does not say.
    var defaultEncoding: PassageEncoding { get }

    /// An answer that goes on from `state`. Checks, and computes nothing.
    func begin(
        from state: PromptState, passages: [Passage], encoding: PassageEncoding, sampling: Sampling,
        states: (any PassageStateSource)?
    ) throws(ImpRAGError) -> any AnswerSource

    /// One decoding step of each answer, of which nothing is unread: a token, or nil at its end. Blocks for one pass of the
    /// model.
    func step(_ answers: [any AnswerSource]) -> [Result<AnswerToken?, ImpRAGError>]
}

/// One answer in the making. Used by the generator's thread alone.
public protocol AnswerSource: AnyObject {
    /// Attention mass of each passage, in rank order.
    var passageAttention: [Float] { get }
    var tokenCount: Int { get }
    /// Set after the last token.
    var end: AnswerEnd? { get }

    /// Whether `read` has something to do before a token can be made.
    var isReading: Bool { get }
    /// Tokens of passages and prompt that are still to be read.
    var unreadTokens: Int { get }
    /// Bytes of passages and caches that it holds, or will hold with the next token.
    var nextBytes: Int { get }
    /// Bytes that it will hold at most.
    var largestBytes: Int { get }
    /// Bytes that it holds while it is suspended, too.
    var keptBytes: Int { get }

    /// Reads some of what is unread: about `tokenLimit` tokens at most. Blocks for one pass of the model.
    func read(tokenLimit: Int) throws(ImpRAGError)
    /// Gives its memory back; `read` computes it again, and the answer goes on as if nothing had been.
    func suspend()
}

/// The sizes that a request must have to fit a model.
public struct StateShape: Sendable {
    public var handover: HandoverShape
    public var vocabularySize: Int
    public var maxPassageTokens: Int
    public var maxPositions: Int

    public init(
        handover: HandoverShape, vocabularySize: Int, maxPassageTokens: Int, maxPositions: Int
    ) {
        self.handover = handover
        self.vocabularySize = vocabularySize
        self.maxPassageTokens = maxPassageTokens
        self.maxPositions = maxPositions
    }
}

extension ImpRAGModel: AnswerEngine {
    public var shape: StateShape {
        StateShape(
            handover: HandoverShape(configuration), vocabularySize: configuration.vocabularySize,
            maxPassageTokens: configuration.maxPassageTokens, maxPositions: configuration.maxPositions)
    }

    public var defaultEncoding: PassageEncoding { configuration.passageEncoding }

    public func begin(
        from state: PromptState, passages: [Passage], encoding: PassageEncoding, sampling: Sampling,
        states: (any PassageStateSource)?
    ) throws(ImpRAGError) -> any AnswerSource {
        ModelAnswer(
            try answer(from: state, passages: passages, encoding: encoding, sampling: sampling, states: states))
    }

    public func step(_ answers: [any AnswerSource]) -> [Result<AnswerToken?, ImpRAGError>] {
        let streams = answers.compactMap { ($0 as? ModelAnswer)?.stream }
        precondition(streams.count == answers.count, "answers of another engine")
        return AnswerStream.step(streams).map { result in
            result.map { $0.map { AnswerToken(text: $0.text, token: $0.token, logprob: $0.logprob) } }
        }
    }
}

/// `AnswerStream` in the wire's words.
private final class ModelAnswer: AnswerSource {
    let stream: AnswerStream

    init(_ stream: AnswerStream) {
        self.stream = stream
    }

    var passageAttention: [Float] { stream.passageAttention }
    var tokenCount: Int { stream.tokenCount }
    var isReading: Bool { stream.isReading }
    var unreadTokens: Int { stream.unreadTokens }
    var nextBytes: Int { stream.nextBytes }
    var largestBytes: Int { stream.largestBytes }
    var keptBytes: Int { stream.keptBytes }

    var end: AnswerEnd? {
        switch stream.finish {
        case .stop: .stop
        case .length: .length
        case nil: nil
        }
    }

    func read(tokenLimit: Int) throws(ImpRAGError) {
        try stream.read(tokenLimit: tokenLimit)
    }

    func suspend() {
        stream.suspend()
    }
}
