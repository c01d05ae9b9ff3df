import CWire

/// What an answer is read from; the first reply to an `AskRequest`.
public struct AskSources: Hashable, Sendable {
    /// Best first.
    public var passages: [ScoredPassage]
    public var completeness: Completeness

    public init(
        passages: [ScoredPassage], completeness: Completeness
    ) {
        self.passages = passages
        self.completeness = completeness
    }
}

extension AskSources: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__AskSources>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        self.init(
            passages: try unsafe messages(
                stored.passages, stored.n_passages, limit: WireLimit.passages, "ask_sources.passages"),
            completeness: try unsafe submessage(stored.completeness, "ask_sources.completeness"))
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__AskSources> {
        let stored = unsafe arena.make(imprag__ask_sources__init)
        unsafe stored.pointee.n_passages = passages.count
        unsafe stored.pointee.passages = arena.array(passages)
        unsafe stored.pointee.completeness = completeness.store(in: arena)
        return unsafe stored
    }
}
