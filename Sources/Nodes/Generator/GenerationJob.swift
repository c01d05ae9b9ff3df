import Core
import Messaging
import Model
import Wire

/// A checked request.
struct GenerationJob: Sendable {
    let state: PromptState
    let passages: [Passage]
    /// The passages' tokens, if they have been tokenized already.
    var sequences: [PassageSequence]?
    let encoding: PassageEncoding
    let sampling: Sampling
    /// The answer's tokens so far, made by another generator.
    var resumeTokens: [Int32] = []
    /// Whether passes of the model may verify several proposed tokens.
    var speculates = true
    /// Whether each token says how much of its attention went to which passage.
    var measuresTokens = false
    /// Which of the caller's clients asks.
    var client: UInt64 = 0
    /// Where its passages' states come from; with nil, all passages are read.
    var states: (any PassageStateSource)?

    init(
        state: PromptState, passages: [Passage], encoding: PassageEncoding, sampling: Sampling
    ) {
        self.state = state
        self.passages = passages
        self.encoding = encoding
        self.sampling = sampling
    }

    /// Checks a request against the model: everything in it may be hostile.
    ///
    /// - Throws: `failedPrecondition` with both fingerprints for another model's state, `invalidArgument` otherwise.
    init(
        _ request: IncomingRequest, _ generate: GenerateRequest, fingerprint: Fingerprint, shape: RequestShape
    ) throws(ImpRAGError) {
        try request.require(fingerprint, of: "the prompt's states", here: "this generator runs")
        try Self.check(generate, shape)
        state = try PromptState(
            tokens: generate.promptTokens, requestedPassages: generate.k, received: request.tensors,
            shape)
        passages = generate.passages
        encoding = generate.encoding ?? shape.encoding
        guard let maxTokens = generate.sampling.maxTokens else {
            throw ImpRAGError(.invalidArgument, "max_tokens is missing; a generator has no default")
        }
        let positions = generate.k * shape.maxPassageTokens + generate.promptTokens.count
        guard maxTokens <= shape.maxPositions - positions else {
            throw ImpRAGError(
                .invalidArgument,
                "max_tokens is \(maxTokens), but passages and prompt leave \(shape.maxPositions - positions) of the model's "
                    + "\(shape.maxPositions) positions")
        }
        sampling = try Sampling(generate.sampling, maxTokens: maxTokens)
        // Checked by the engine, which knows what an answer may contain.
        resumeTokens = generate.resumeTokens
        speculates = generate.speculates
        measuresTokens = generate.measuresTokens
        client = generate.client
    }

    private static func check(_ generate: GenerateRequest, _ shape: RequestShape) throws(ImpRAGError) {
        var problems: [String] = []
        if generate.promptTokens.isEmpty { problems.append("there are no prompt tokens; BOS at least is needed") }
        if let token = generate.promptTokens.first(where: { $0 < 0 || $0 >= shape.vocabularySize }) {
            problems.append("\(token) is no token; the model has \(shape.vocabularySize), from 0")
        }
        if generate.passages.count > generate.k {
            problems.append(
                "there are \(generate.passages.count) passages, but the prompt was made for k = \(generate.k)")
        }
        // Compared by division: the product of hostile numbers could overflow.
        if generate.k < 0 || generate.k > shape.maxPositions / max(1, shape.maxPassageTokens)
            || generate.k * shape.maxPassageTokens + generate.promptTokens.count > shape.maxPositions
        {
            problems.append(
                "k = \(generate.k) passages of \(shape.maxPassageTokens) tokens and a prompt of \(generate.promptTokens.count) "
                    + "do not fit the model's \(shape.maxPositions) positions")
        }
        guard problems.isEmpty else { throw ImpRAGError(.invalidArgument, problems.joined(separator: "; ")) }
    }
}
