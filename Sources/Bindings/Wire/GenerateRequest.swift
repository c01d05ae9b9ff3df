import CWire
public import Core

/// A prompt's state, to be answered over passages. Replies: `AnswerToken` …, `GenerateDone`.
///
/// With T tokens: tensor 0: float32 `[T × D]`, the hidden states entering layer b; tensors 1 and 2: bfloat16
/// or float32 `[b × T × h_k·d_h]`, keys and values of layers 0…b−1.
public struct GenerateRequest: Hashable, Sendable {
    /// `[T]`, BOS first.
    public var promptTokens: [Int32]
    /// The k that the prompt's positions were computed with.
    public var k: Int
    /// At most k, best first.
    public var passages: [Passage]
    /// Nil for the model's default.
    public var encoding: PassageEncoding?
    public var sampling: SamplingOptions
    /// The answer's tokens so far, made by another generator: the replies begin after them. With a temperature,
    /// `sampling` has the seed that chose them.
    public var resumeTokens: [Int32]
    /// Whether passes of the model may verify several proposed tokens.
    public var speculates: Bool
    /// Whether each token says how much of its attention went to which passage.
    public var measuresTokens: Bool
    /// For which of the caller's clients this is, as a number of the caller's choice: clients take turns. 0 is no one
    /// client's.
    public var client: UInt64

    public init(
        promptTokens: [Int32], k: Int, passages: [Passage], encoding: PassageEncoding? = nil,
        sampling: SamplingOptions = SamplingOptions(), resumeTokens: [Int32] = [],
        speculates: Bool = true, measuresTokens: Bool = false, client: UInt64 = 0
    ) {
        self.promptTokens = promptTokens
        self.k = k
        self.passages = passages
        self.encoding = encoding
        self.sampling = sampling
        self.resumeTokens = resumeTokens
        self.speculates = speculates
        self.measuresTokens = measuresTokens
        self.client = client
    }
}

extension GenerateRequest: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__GenerateRequest>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        self.init(
            promptTokens: try unsafe numbers(
                stored.prompt_tokens, stored.n_prompt_tokens, limit: WireLimit.promptTokens,
                "generate_request.prompt_tokens"),
            k: Int(unsafe stored.k),
            passages: try unsafe messages(
                stored.passages, stored.n_passages, limit: WireLimit.passages, "generate_request.passages"),
            encoding: try unsafe PassageEncoding(unlessDefault: stored.encoding, "generate_request.encoding"),
            sampling: try unsafe submessage(stored.sampling, orDefault: SamplingOptions()),
            resumeTokens: try unsafe numbers(
                stored.resume_tokens, stored.n_resume_tokens, limit: WireLimit.promptTokens,
                "generate_request.resume_tokens"),
            speculates: unsafe stored.speculate_presence_case
                != IMPRAG__GENERATE_REQUEST__SPECULATE_PRESENCE_SPECULATE || stored.speculate != 0,
            measuresTokens: unsafe stored.token_attention_presence_case
                == IMPRAG__GENERATE_REQUEST__TOKEN_ATTENTION_PRESENCE_TOKEN_ATTENTION && stored.token_attention != 0,
            client: unsafe stored.client)
        if unsafe stored.top_logprobs_presence_case == IMPRAG__GENERATE_REQUEST__TOP_LOGPROBS_PRESENCE_TOP_LOGPROBS {
            sampling.topLogprobs = Int(unsafe stored.top_logprobs)
        }
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__GenerateRequest> {
        let stored = unsafe arena.make(imprag__generate_request__init)
        unsafe stored.pointee.n_prompt_tokens = promptTokens.count
        unsafe stored.pointee.prompt_tokens = arena.array(promptTokens)
        unsafe stored.pointee.k = UInt32(clamping: k)
        unsafe stored.pointee.n_passages = passages.count
        unsafe stored.pointee.passages = arena.array(passages)
        unsafe stored.pointee.encoding = encoding?.stored ?? IMPRAG__PASSAGE_ENCODING__PASSAGE_ENCODING_DEFAULT
        unsafe stored.pointee.sampling = sampling.store(in: arena)
        unsafe stored.pointee.n_resume_tokens = resumeTokens.count
        unsafe stored.pointee.resume_tokens = arena.array(resumeTokens)
        if !speculates {
            unsafe stored.pointee.speculate_presence_case = IMPRAG__GENERATE_REQUEST__SPECULATE_PRESENCE_SPECULATE
            unsafe stored.pointee.speculate = 0
        }
        if measuresTokens {
            unsafe stored.pointee.token_attention_presence_case =
                IMPRAG__GENERATE_REQUEST__TOKEN_ATTENTION_PRESENCE_TOKEN_ATTENTION
            unsafe stored.pointee.token_attention = 1
        }
        if let count = sampling.topLogprobs {
            unsafe stored.pointee.top_logprobs_presence_case =
                IMPRAG__GENERATE_REQUEST__TOP_LOGPROBS_PRESENCE_TOP_LOGPROBS
            unsafe stored.pointee.top_logprobs = UInt32(clamping: count)
        }
        unsafe stored.pointee.client = client
        return unsafe stored
    }
}
