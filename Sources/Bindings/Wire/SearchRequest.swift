import CWire
public import Core

/// A prompt whose passages are wanted, without an answer. Reply: `SearchReply`.
public struct SearchRequest: Hashable, Sendable {
    public var prompt: String
    /// Nil for the model's default.
    public var k: Int?
    public var completeness: CompletenessPolicy
    public var options: SearchOptions
    public var words: WordsOptions

    public init(
        prompt: String, k: Int? = nil, completeness: CompletenessPolicy = .fail,
        options: SearchOptions = SearchOptions(), words: WordsOptions = WordsOptions()
    ) {
        self.prompt = prompt
        self.k = k
        self.completeness = completeness
        self.options = options
        self.words = words
    }
}

extension SearchRequest: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__SearchRequest>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        let hasWeight =
            unsafe stored.words_weight_presence_case == IMPRAG__SEARCH_REQUEST__WORDS_WEIGHT_PRESENCE_WORDS_WEIGHT
        self.init(
            prompt: try unsafe checkedText(stored.prompt, "search_request.prompt"),
            k: unsafe stored.k_presence_case == IMPRAG__SEARCH_REQUEST__K_PRESENCE_K ? Int(unsafe stored.k) : nil,
            completeness: try unsafe CompletenessPolicy(stored: stored.completeness, "search_request.completeness"),
            options: try unsafe submessage(stored.options, orDefault: SearchOptions()),
            words: WordsOptions(
                mode: try unsafe WordsMode(stored: stored.words, "search_request.words"),
                weight: hasWeight ? unsafe stored.words_weight : nil))
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__SearchRequest> {
        let stored = unsafe arena.make(imprag__search_request__init)
        unsafe stored.pointee.prompt = arena.bytes(of: prompt)
        if let k {
            unsafe stored.pointee.k_presence_case = IMPRAG__SEARCH_REQUEST__K_PRESENCE_K
            unsafe stored.pointee.k = UInt32(clamping: k)
        }
        unsafe stored.pointee.completeness = completeness.stored
        unsafe stored.pointee.options = options.store(in: arena)
        unsafe stored.pointee.words = words.mode.stored
        if let weight = words.weight {
            unsafe stored.pointee.words_weight_presence_case =
                IMPRAG__SEARCH_REQUEST__WORDS_WEIGHT_PRESENCE_WORDS_WEIGHT
            unsafe stored.pointee.words_weight = weight
        }
        return unsafe stored
    }
}
