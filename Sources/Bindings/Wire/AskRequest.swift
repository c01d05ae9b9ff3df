import CWire
public import Core

/// A prompt to be answered. Replies: `AskSources`, `AnswerToken` …, `AskDone`.
public struct AskRequest: Hashable, Sendable {
    public var prompt: String
    /// Passages to retrieve: nil for the model's default, 0 for none.
    public var k: Int?
    /// Nil for the model's default.
    public var encoding: PassageEncoding?
    public var sampling: SamplingOptions
    public var completeness: CompletenessPolicy
    /// Leaves title, text and metadata out of `AskSources`.
    public var omitPassageText: Bool
    public var options: SearchOptions
    public var words: WordsOptions
    /// Instead of `prompt`: put into the model's chat template by the coordinator.
    public var messages: [ChatMessage]
    /// Whether passes of the model may verify several proposed tokens.
    public var speculates: Bool
    /// Whether to answer only where there is reason to; nil: the coordinator's policy.
    public var abstains: Bool?
    /// Whether each token says how much of its attention went to which passage.
    public var measuresTokens: Bool

    public init(
        prompt: String, k: Int? = nil, encoding: PassageEncoding? = nil, sampling: SamplingOptions = SamplingOptions(),
        completeness: CompletenessPolicy = .fail, omitPassageText: Bool = false,
        options: SearchOptions = SearchOptions(), words: WordsOptions = WordsOptions(),
        messages: [ChatMessage] = [], speculates: Bool = true, measuresTokens: Bool = false, abstains: Bool? = nil
    ) {
        self.prompt = prompt
        self.k = k
        self.encoding = encoding
        self.sampling = sampling
        self.completeness = completeness
        self.omitPassageText = omitPassageText
        self.options = options
        self.words = words
        self.messages = messages
        self.speculates = speculates
        self.measuresTokens = measuresTokens
        self.abstains = abstains
    }
}

extension AskRequest: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__AskRequest>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        let hasWeight =
            unsafe stored.words_weight_presence_case == IMPRAG__ASK_REQUEST__WORDS_WEIGHT_PRESENCE_WORDS_WEIGHT
        self.init(
            prompt: try unsafe checkedText(stored.prompt, "ask_request.prompt"),
            k: unsafe stored.k_presence_case == IMPRAG__ASK_REQUEST__K_PRESENCE_K ? Int(unsafe stored.k) : nil,
            encoding: try unsafe PassageEncoding(unlessDefault: stored.encoding, "ask_request.encoding"),
            sampling: try unsafe submessage(stored.sampling, orDefault: SamplingOptions()),
            completeness: try unsafe CompletenessPolicy(stored: stored.completeness, "ask_request.completeness"),
            omitPassageText: unsafe stored.omit_passage_text != 0,
            options: try unsafe submessage(stored.options, orDefault: SearchOptions()),
            words: WordsOptions(
                mode: try unsafe WordsMode(stored: stored.words, "ask_request.words"),
                weight: hasWeight ? unsafe stored.words_weight : nil),
            messages: try unsafe Wire.messages(
                stored.messages, stored.n_messages, limit: WireLimit.chatMessages, "ask_request.messages"),
            speculates: unsafe stored.speculate_presence_case
                != IMPRAG__ASK_REQUEST__SPECULATE_PRESENCE_SPECULATE || stored.speculate != 0,
            measuresTokens: unsafe stored.token_attention_presence_case
                == IMPRAG__ASK_REQUEST__TOKEN_ATTENTION_PRESENCE_TOKEN_ATTENTION && stored.token_attention != 0,
            abstains: unsafe stored.abstain_presence_case == IMPRAG__ASK_REQUEST__ABSTAIN_PRESENCE_ABSTAIN
                ? unsafe stored.abstain != 0 : nil)
        if unsafe stored.top_logprobs_presence_case == IMPRAG__ASK_REQUEST__TOP_LOGPROBS_PRESENCE_TOP_LOGPROBS {
            sampling.topLogprobs = Int(unsafe stored.top_logprobs)
        }
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__AskRequest> {
        let stored = unsafe arena.make(imprag__ask_request__init)
        unsafe stored.pointee.prompt = arena.bytes(of: prompt)
        if let k {
            unsafe stored.pointee.k_presence_case = IMPRAG__ASK_REQUEST__K_PRESENCE_K
            unsafe stored.pointee.k = UInt32(clamping: k)
        }
        unsafe stored.pointee.encoding = encoding?.stored ?? IMPRAG__PASSAGE_ENCODING__PASSAGE_ENCODING_DEFAULT
        unsafe stored.pointee.sampling = sampling.store(in: arena)
        unsafe stored.pointee.completeness = completeness.stored
        unsafe stored.pointee.omit_passage_text = omitPassageText ? 1 : 0
        unsafe stored.pointee.options = options.store(in: arena)
        unsafe stored.pointee.words = words.mode.stored
        if let weight = words.weight {
            unsafe stored.pointee.words_weight_presence_case = IMPRAG__ASK_REQUEST__WORDS_WEIGHT_PRESENCE_WORDS_WEIGHT
            unsafe stored.pointee.words_weight = weight
        }
        unsafe stored.pointee.n_messages = messages.count
        unsafe stored.pointee.messages = arena.array(messages)
        if !speculates {
            unsafe stored.pointee.speculate_presence_case = IMPRAG__ASK_REQUEST__SPECULATE_PRESENCE_SPECULATE
            unsafe stored.pointee.speculate = 0
        }
        if measuresTokens {
            unsafe stored.pointee.token_attention_presence_case =
                IMPRAG__ASK_REQUEST__TOKEN_ATTENTION_PRESENCE_TOKEN_ATTENTION
            unsafe stored.pointee.token_attention = 1
        }
        if let abstains {
            unsafe stored.pointee.abstain_presence_case = IMPRAG__ASK_REQUEST__ABSTAIN_PRESENCE_ABSTAIN
            unsafe stored.pointee.abstain = abstains ? 1 : 0
        }
        if let count = sampling.topLogprobs {
            unsafe stored.pointee.top_logprobs_presence_case =
                IMPRAG__ASK_REQUEST__TOP_LOGPROBS_PRESENCE_TOP_LOGPROBS
            unsafe stored.pointee.top_logprobs = UInt32(clamping: count)
        }
        return unsafe stored
    }
}
