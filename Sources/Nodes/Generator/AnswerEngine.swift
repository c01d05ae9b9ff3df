public import Core
public import Model

/// All layers, as the generator needs them. The real one is `ImpRAGModel`; tests bring their own.
public protocol AnswerEngine: Sendable {
    var fingerprint: Fingerprint { get }
    var shape: RequestShape { get }

    /// An answer that goes on from `state`. Checks, and computes nothing.
    ///
    /// - Parameter sequences: the passages' tokens; nil where nobody has made them yet.
    func begin(
        from state: PromptState, passages: [Passage], sequences: [PassageSequence]?, encoding: PassageEncoding,
        sampling: Sampling, states: (any PassageStateSource)?
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

extension ImpRAGModel: AnswerEngine {
    public var shape: RequestShape { RequestShape(configuration) }

    public func begin(
        from state: PromptState, passages: [Passage], sequences: [PassageSequence]?, encoding: PassageEncoding,
        sampling: Sampling, states: (any PassageStateSource)?
    ) throws(ImpRAGError) -> any AnswerSource {
        guard let sequences else {
            return try answer(from: state, passages: passages, encoding: encoding, sampling: sampling, states: states)
        }
        return try answer(from: state, sequences: sequences, encoding: encoding, sampling: sampling, states: states)
    }

    public func step(_ answers: [any AnswerSource]) -> [Result<AnswerToken?, ImpRAGError>] {
        let streams = answers.compactMap { $0 as? AnswerStream }
        precondition(streams.count == answers.count, "answers of another engine")
        return AnswerStream.step(streams)
    }
}

extension AnswerStream: AnswerSource {}
