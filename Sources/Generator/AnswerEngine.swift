public import Core
public import Inference
public import Model
public import Wire

/// All layers, as the generator needs them. The real one is `ImpRAGModel`; tests bring their own.
public protocol AnswerEngine: Sendable {
    var fingerprint: Fingerprint { get }
    var shape: StateShape { get }
    /// Encoding of a request that does not say.
    var defaultEncoding: PassageEncoding { get }

    /// Reads the passages and goes on from `state`. Blocks until the first token can be chosen.
    func begin(
        from state: PromptState, passages: [Passage], encoding: PassageEncoding, sampling: Sampling
    ) throws(ImpRAGError) -> any AnswerSource
}

/// One answer in the making. Used by the generator's thread alone.
public protocol AnswerSource: AnyObject {
    /// Attention mass of each passage, in rank order.
    var passageAttention: [Float] { get }
    var tokenCount: Int { get }
    /// Set after the last token.
    var end: AnswerEnd? { get }

    /// One decoding step, or nil when the answer has ended. Blocks for one pass of the model.
    func step() throws(ImpRAGError) -> AnswerToken?
}

/// The sizes that a prompt state must have to fit a model.
public struct StateShape: Hashable, Sendable {
    /// D.
    public var hiddenSize: Int
    /// b.
    public var bottomBoundary: Int
    /// h_k · d_h.
    public var keyWidth: Int
    public var vocabularySize: Int
    public var maxPassageTokens: Int
    public var maxPositions: Int

    public init(
        hiddenSize: Int, bottomBoundary: Int, keyWidth: Int, vocabularySize: Int, maxPassageTokens: Int,
        maxPositions: Int
    ) {
        self.hiddenSize = hiddenSize
        self.bottomBoundary = bottomBoundary
        self.keyWidth = keyWidth
        self.vocabularySize = vocabularySize
        self.maxPassageTokens = maxPassageTokens
        self.maxPositions = maxPositions
    }
}

extension ImpRAGModel: AnswerEngine {
    public var shape: StateShape {
        StateShape(
            hiddenSize: configuration.hiddenSize, bottomBoundary: configuration.bottomBoundary,
            keyWidth: configuration.embeddingDimension, vocabularySize: configuration.vocabularySize,
            maxPassageTokens: configuration.maxPassageTokens, maxPositions: configuration.maxPositions)
    }

    public var defaultEncoding: PassageEncoding { configuration.passageEncoding }

    public func begin(
        from state: PromptState, passages: [Passage], encoding: PassageEncoding, sampling: Sampling
    ) throws(ImpRAGError) -> any AnswerSource {
        ModelAnswer(try answer(from: state, passages: passages, encoding: encoding, sampling: sampling))
    }
}

/// `AnswerStream` in the wire's words.
private final class ModelAnswer: AnswerSource {
    private let stream: AnswerStream

    init(_ stream: AnswerStream) {
        self.stream = stream
    }

    var passageAttention: [Float] { stream.passageAttention }
    var tokenCount: Int { stream.tokenCount }

    var end: AnswerEnd? {
        switch stream.finish {
        case .stop: .stop
        case .length: .length
        case nil: nil
        }
    }

    func step() throws(ImpRAGError) -> AnswerToken? {
        try stream.next().map { AnswerToken(text: $0.text, token: $0.token, logprob: $0.logprob) }
    }
}
