public import Core
public import Model

/// All layers, as the generator needs them. The real one is `ImpRAGModel`; tests bring their own.
public protocol AnswerEngine: Sendable {
    var fingerprint: Fingerprint { get }
    var shape: RequestShape { get }

    /// An answer that continues from `state`. Checks the request; computes nothing.
    ///
    /// - Parameters:
    ///   - sequences: the passages' tokens; nil if they have not been tokenized yet.
    ///   - tokens: the answer's tokens so far, made by another generator; it goes on after them.
    ///   - speculates: whether passes may verify several proposed tokens.
    ///   - measuresTokens: whether each token says how much of its attention went to which passage.
    func begin(
        from state: PromptState, passages: [Passage], sequences: [PassageSequence]?, encoding: PassageEncoding,
        sampling: Sampling, resuming tokens: [Int32], states: (any PassageStateSource)?,
        speculates: Bool, measuresTokens: Bool
    ) throws(ImpRAGError) -> any AnswerSource

    /// One decoding step for answers that have read everything: for each a token, or nil at its end. Blocks for one
    /// pass of the model, which none of those that are ahead takes part in.
    ///
    /// - Parameter spareRows: tokens that the pass may verify besides those that it has to compute.
    func step(_ answers: [any AnswerSource], spareRows: Int) -> [Result<AnswerToken?, ImpRAGError>]
}

/// One answer in progress. Used only by the generator's thread.
public protocol AnswerSource: AnyObject {
    /// Attention mass of each passage, in rank order.
    var passageAttention: [Float] { get }
    /// With the tokens that it resumed after.
    var tokenCount: Int { get }
    /// Set after the last token.
    var end: AnswerEnd? { get }

    /// Whether the next token takes no pass of the model: an earlier one has verified what it follows.
    var isAhead: Bool { get }
    /// Tokens that passes verified ahead of time.
    var proposedTokens: Int { get }
    /// Those of them that were right.
    var acceptedTokens: Int { get }

    /// Whether `read` still has work to do before a token can be generated.
    var isReading: Bool { get }
    /// Tokens of passages and prompt still to be read.
    var unreadTokens: Int { get }
    /// Bytes of passages and caches that it holds, or will hold with the next token.
    var nextBytes: Int { get }
    /// The most bytes that it will ever hold.
    var largestBytes: Int { get }
    /// Bytes that it keeps even while suspended.
    var keptBytes: Int { get }

    /// Reads the next unread tokens, about `tokenLimit` at most. Blocks for one pass of the model.
    func read(tokenLimit: Int) throws(ImpRAGError)
    /// Gives its memory back; `read` recomputes it, and the answer continues as if nothing had happened.
    func suspend()
}

extension ImpRAGModel: AnswerEngine {
    public var shape: RequestShape { RequestShape(configuration) }

    public func begin(
        from state: PromptState, passages: [Passage], sequences: [PassageSequence]?, encoding: PassageEncoding,
        sampling: Sampling, resuming tokens: [Int32], states: (any PassageStateSource)?,
        speculates: Bool, measuresTokens: Bool
    ) throws(ImpRAGError) -> any AnswerSource {
        guard let sequences else {
            return try answer(
                from: state, passages: passages, encoding: encoding, sampling: sampling, resuming: tokens,
                states: states, speculates: speculates, measuresTokens: measuresTokens)
        }
        return try answer(
            from: state, sequences: sequences, encoding: encoding, sampling: sampling, resuming: tokens,
            states: states, speculates: speculates, measuresTokens: measuresTokens)
    }

    public func step(
        _ answers: [any AnswerSource], spareRows: Int
    ) -> [Result<AnswerToken?, ImpRAGError>] {
        let streams = answers.compactMap { $0 as? AnswerStream }
        precondition(streams.count == answers.count, "answers of another engine")
        return AnswerStream.step(streams, spareRows: spareRows)
    }
}

extension AnswerStream: AnswerSource {}
