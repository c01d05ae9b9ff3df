import CWire
public import Core

/// The passages that a prompt retrieves.
public struct SearchReply: Hashable, Sendable {
    /// Best first.
    public var passages: [ScoredPassage]
    public var completeness: Completeness
    public var timings: Timings
    /// The request had a filter, and every passage matches it. A node that does not know filters leaves it false.
    public var isFiltered: Bool
    /// The request asked for words, and they were searched for. A node that does not know words leaves it false.
    public var hasWords: Bool

    public init(
        passages: [ScoredPassage], completeness: Completeness, timings: Timings, isFiltered: Bool = false,
        hasWords: Bool = false
    ) {
        self.passages = passages
        self.completeness = completeness
        self.timings = timings
        self.isFiltered = isFiltered
        self.hasWords = hasWords
    }
}

extension SearchReply: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__SearchReply>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        self.init(
            passages: try unsafe messages(
                stored.passages, stored.n_passages, limit: WireLimit.passages, "search_reply.passages"),
            completeness: try unsafe submessage(stored.completeness, "search_reply.completeness"),
            timings: try unsafe submessage(stored.timings, orDefault: Timings()),
            isFiltered: unsafe stored.filter_applied != 0, hasWords: unsafe stored.words_searched != 0)
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__SearchReply> {
        let stored = unsafe arena.make(imprag__search_reply__init)
        unsafe stored.pointee.n_passages = passages.count
        unsafe stored.pointee.passages = arena.array(passages)
        unsafe stored.pointee.completeness = completeness.store(in: arena)
        unsafe stored.pointee.timings = timings.store(in: arena)
        unsafe stored.pointee.filter_applied = isFiltered ? 1 : 0
        unsafe stored.pointee.words_searched = hasWords ? 1 : 0
        return unsafe stored
    }
}
