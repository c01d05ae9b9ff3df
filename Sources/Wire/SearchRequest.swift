import CWire

/// A prompt whose passages are wanted, without an answer. Reply: `SearchReply`.
public struct SearchRequest: Hashable, Sendable {
    public var prompt: String
    /// Nil for the model's own number.
    public var k: Int?
    public var completeness: CompletenessPolicy

    public init(
        prompt: String, k: Int? = nil, completeness: CompletenessPolicy = .fail
    ) {
        self.prompt = prompt
        self.k = k
        self.completeness = completeness
    }
}

extension SearchRequest: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__SearchRequest>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        self.init(
            prompt: try unsafe checkedText(stored.prompt, "search_request.prompt"),
            k: unsafe stored.k_presence_case == IMPRAG__SEARCH_REQUEST__K_PRESENCE_K ? Int(unsafe stored.k) : nil,
            completeness: try unsafe CompletenessPolicy(stored: stored.completeness, "search_request.completeness"))
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__SearchRequest> {
        let stored = unsafe arena.make(imprag__search_request__init)
        unsafe stored.pointee.prompt = arena.bytes(of: prompt)
        if let k {
            unsafe stored.pointee.k_presence_case = IMPRAG__SEARCH_REQUEST__K_PRESENCE_K
            unsafe stored.pointee.k = UInt32(clamping: k)
        }
        unsafe stored.pointee.completeness = completeness.stored
        return unsafe stored
    }
}
