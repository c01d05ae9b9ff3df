import CWire
public import Core

/// A prompt whose passages are wanted, without an answer. Reply: `SearchReply`.
public struct SearchRequest: Hashable, Sendable {
    public var prompt: String
    /// Nil for the model's own number.
    public var k: Int?
    public var completeness: CompletenessPolicy
    public var options: SearchOptions

    public init(
        prompt: String, k: Int? = nil, completeness: CompletenessPolicy = .fail,
        options: SearchOptions = SearchOptions()
    ) {
        self.prompt = prompt
        self.k = k
        self.completeness = completeness
        self.options = options
    }
}

extension SearchRequest: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__SearchRequest>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        self.init(
            prompt: try unsafe checkedText(stored.prompt, "search_request.prompt"),
            k: unsafe stored.k_presence_case == IMPRAG__SEARCH_REQUEST__K_PRESENCE_K ? Int(unsafe stored.k) : nil,
            completeness: try unsafe CompletenessPolicy(stored: stored.completeness, "search_request.completeness"),
            options: try unsafe submessage(stored.options, orDefault: SearchOptions()))
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
        return unsafe stored
    }
}
