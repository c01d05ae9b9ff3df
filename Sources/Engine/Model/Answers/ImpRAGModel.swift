public import Core
import Tokenizer

/// A prompt on its way into the bottom layers.
public struct PromptRequest: Sendable {
    /// BOS and the prompt.
    public let tokens: [Int32]
    /// The number of passages that will be requested: it decides the prompt's positions.
    public let k: Int

    public init(tokens: [Int32], k: Int) {
        self.tokens = tokens
        self.k = k
    }
}

/// The model with its tokenizer: texts in, vectors, states and answers out. Immutable and shared by all threads.
///
/// Every call computes on the caller's thread until it is done.
public final class ImpRAGModel: Sendable {
    public let fingerprint: Fingerprint
    public let model: LlamaModel
    private let tokenizer: Tokenizer
    /// A model with a template that is not supported still answers prompts.
    private let chatTemplate: Result<ChatTemplate, ImpRAGError>

    public var configuration: ModelConfiguration { model.configuration }

    /// Maps the model in `directory` and reads its tokenizer.
    ///
    /// - Parameter compute: nil takes the arithmetic that fits the weights.
    public init(
        directory: String, layers: LlamaModel.Layers, compute: Compute? = nil, threadCount: Int? = nil,
        pinsThreads: Bool = false
    ) throws(ImpRAGError) {
        let configuration = try ModelConfiguration(directory: directory)
        tokenizer = try Tokenizer(path: directory + "/tokenizer.json")
        chatTemplate = Result { () throws(ImpRAGError) in try ChatTemplate(directory: directory) }
        try Self.check(tokenizer, directory, vocabularySize: configuration.vocabularySize)
        model = try LlamaModel(
            directory: directory, configuration, tokenizer: tokenizer, layers: layers, compute: compute,
            threadCount: threadCount, pinsThreads: pinsThreads)
        fingerprint = try modelFingerprint(directory: directory, model: model)
    }

    /// A tokenizer may have fewer ids than the model has rows (`SayableTokens`), but not more.
    private static func check(
        _ tokenizer: Tokenizer, _ directory: String, vocabularySize: Int
    ) throws(ImpRAGError) {
        guard tokenizer.vocabularySize > 0 else {
            throw ImpRAGError(
                .invalidArgument, "\(directory)/tokenizer.json has no tokens; an answer cannot be made of none")
        }
        guard tokenizer.vocabularySize > vocabularySize else { return }
        let beyond = (vocabularySize..<tokenizer.vocabularySize).map { Int32(clamping: $0) }.filter(tokenizer.contains)
        let named = beyond.prefix(3).map { id in
            let text = try? tokenizer.decode([id], skippingSpecialTokens: false)
            return "\"\((text ?? "").prefix(30))\" (\(id))"
        }
        throw ImpRAGError(
            .invalidArgument,
            "\(directory)/tokenizer.json has \(tokenizer.vocabularySize) ids, but config.json's vocab_size is \(vocabularySize): the "
                + "model has no row for \(named.joined(separator: ", "))"
                + "\(beyond.count > named.count ? " and \(beyond.count - named.count) more" : ""); the tokenizer belongs to "
                + "another model, or tokens were added to it alone")
    }

    /// BOS and the prompt's ids; special tokens written in it are ordinary text.
    public func promptTokens(_ prompt: String) throws(ImpRAGError) -> [Int32] {
        try [configuration.bosToken] + tokenizer.encode(prompt, specialTokens: .plain, addingTemplate: false)
    }

    /// The ids of a chat in the model's own template, or in its task template where it has none, up to where the
    /// assistant begins to speak; special tokens written in a message are ordinary text. BOS comes first, whether or
    /// not the template writes it.
    ///
    /// - Parameter time: now, for templates that give the date.
    /// - Throws: `failedPrecondition` when the model has a template that cannot be used.
    public func chatTokens(_ messages: [ChatMessage], at time: WallTime) throws(ImpRAGError) -> [Int32] {
        let tokens = try tokenizer.encode(chatTemplate.get().render(messages, at: time))
        return tokens.first == configuration.bosToken ? tokens : [configuration.bosToken] + tokens
    }

    /// BOS and the ids of title and text, cut to `max_passage_tokens`.
    public func passageTokens(_ passage: Passage) throws(ImpRAGError) -> [Int32] {
        Array(try uncutTokens(passage).prefix(configuration.maxPassageTokens))
    }

    /// What `passageTokens` makes of each passage.
    public func sequences(of passages: [Passage]) throws(ImpRAGError) -> [PassageSequence] {
        var sequences: [PassageSequence] = []
        sequences.reserveCapacity(passages.count)
        for passage in passages { sequences.append(PassageSequence(passage: try passageTokens(passage))) }
        return sequences
    }

    /// Whether `passageTokens` leaves out the end of `passage`.
    public func isCut(_ passage: Passage) throws(ImpRAGError) -> Bool {
        // A token has at least one byte of the text, unless the tokenizer adds to it.
        guard tokenizer.mayAddText || passage.content.utf8.count >= configuration.maxPassageTokens else { return false }
        return try uncutTokens(passage).count > configuration.maxPassageTokens
    }

    private func uncutTokens(_ passage: Passage) throws(ImpRAGError) -> [Int32] {
        try [configuration.bosToken]
            + tokenizer.encode(passage.content, specialTokens: .plain, addingTemplate: false)
    }

    /// The ids of a text that an answer is compared with: no BOS.
    public func completionTokens(_ completion: String) throws(ImpRAGError) -> [Int32] {
        try tokenizer.encode(completion, specialTokens: .plain, addingTemplate: false)
    }

    /// The text of generated ids, special tokens left out.
    public func text(of tokens: [Int32]) throws(ImpRAGError) -> String {
        try tokenizer.decode(tokens, skippingSpecialTokens: true)
    }

    /// Passage embeddings E_p, `[passages.count × embeddingDimension]`, in the order given.
    public func embed(passages: [Passage]) throws(ImpRAGError) -> [Float] {
        try model.embedPassages(sequences(of: passages).map(\.tokens)) { Self.name(of: passages[$0], at: $0) }
    }

    /// For errors.
    static func name(of passage: Passage, at place: Int) -> String {
        passage.id.isEmpty ? "passage \(place)" : "passage \"\(passage.id.prefix(100))\""
    }

    /// Query embeddings E_q with positions from 0, `[queries.count × embeddingDimension]`, in the order given.
    public func embed(queries: [String]) throws(ImpRAGError) -> [Float] {
        var sequences: [[Int32]] = []
        for query in queries { sequences.append(try promptTokens(query)) }
        return try model.embedQueries(sequences)
    }

    /// Runs prompts through the bottom layers together; each result is the same as alone.
    public func promptStates(_ prompts: [PromptRequest]) throws(ImpRAGError) -> [PromptState] {
        try model.promptStates(prompts.map { (tokens: $0.tokens, requestedPassages: $0.k) })
    }

    /// An answer that goes on from `state` and reads `passages`, best first. Nothing is computed yet.
    ///
    /// - Parameters:
    ///   - tokens: the answer's tokens so far, if it was begun elsewhere: the stream goes on after them, with the same
    ///     bits.
    ///   - states: where the states of passages come from and go to; nil reads all of them.
    ///   - speculates: whether passes may verify several tokens: the same answer, sooner where it repeats its passages.
    ///   - measuresTokens: whether each token says how much of its attention went to which passage.
    /// - Throws: `invalidArgument` for more passages than the state's k, a state of other sizes than this model's, or
    ///   tokens after which nothing can come.
    public func answer(
        from state: PromptState, passages: [Passage], encoding: PassageEncoding, sampling: Sampling,
        resuming tokens: [Int32] = [], states: (any PassageStateSource)? = nil, speculates: Bool = false,
        measuresTokens: Bool = false
    ) throws(ImpRAGError) -> AnswerStream {
        try check(passages.count, of: state)
        return try answer(
            from: state, sequences: sequences(of: passages), encoding: encoding, sampling: sampling, resuming: tokens,
            states: states, speculates: speculates, measuresTokens: measuresTokens)
    }

    /// The same from passages that are tokenised already, as `sequences(of:)` does it.
    public func answer(
        from state: PromptState, sequences: [PassageSequence], encoding: PassageEncoding, sampling: Sampling,
        resuming tokens: [Int32] = [], states: (any PassageStateSource)? = nil, speculates: Bool = false,
        measuresTokens: Bool = false
    ) throws(ImpRAGError) -> AnswerStream {
        try check(sequences.count, of: state)
        return try AnswerStream(
            model, from: state, passages: sequences.map(\.tokens), encoding: encoding, states: states,
            sampling: sampling, resuming: tokens, speculates: speculates, measuresTokens: measuresTokens,
            decoder: tokenizer.makeStreamDecoder())
    }

    /// How probable each token of a given completion is, each after those before it.
    public func score(
        prompt: String, passages: [Passage], k: Int, encoding: PassageEncoding, completion: String
    ) throws(ImpRAGError) -> CompletionScore {
        let tokens = try completionTokens(completion)
        let request = PromptRequest(tokens: try promptTokens(prompt), k: k)
        // Before any work. The last token of the completion is not read, and k is checked with the prompt.
        let length = request.tokens.count + max(0, tokens.count - 1)
        let (reserved, overflow) = k.multipliedReportingOverflow(by: configuration.maxPassageTokens)
        if !overflow, k >= 0, length > configuration.maxPositions - reserved, reserved <= configuration.maxPositions {
            throw ImpRAGError(
                .resourceExhausted,
                "the prompt's \(request.tokens.count) tokens and the completion's \(tokens.count) do not fit: the model has "
                    + "\(configuration.maxPositions) positions, \(reserved) of them for \(k) passages")
        }
        let state = try promptStates([request])[0]
        let session = try session(from: state, passages: passages, encoding: encoding)
        var logprobs: [Float] = []
        for (index, token) in tokens.enumerated() {
            logprobs.append(try session.logProbability(of: token))
            if index + 1 < tokens.count { try session.append(token) }
        }
        return CompletionScore(tokens: tokens, logprobs: logprobs, passageAttention: session.passageAttention)
    }

    private func session(
        from state: PromptState, passages: [Passage], encoding: PassageEncoding
    ) throws(ImpRAGError) -> DecodingSession {
        try check(passages.count, of: state)
        let sequences = try sequences(of: passages).map(\.tokens)
        return try model.continueFrom(state, passages: try model.readPassages(sequences, encoding: encoding))
    }

    private func check(_ passageCount: Int, of state: PromptState) throws(ImpRAGError) {
        guard passageCount <= state.requestedPassages else {
            throw ImpRAGError(
                .invalidArgument,
                "\(passageCount) passages were given, but only k = \(state.requestedPassages) requested")
        }
    }
}
