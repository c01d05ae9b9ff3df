import CWire
public import Core

/// The passages that an answer is read from; the first reply to an `AskRequest`.
public struct AskSources: Hashable, Sendable {
    /// Best first.
    public var passages: [ScoredPassage]
    public var completeness: Completeness
    /// The request had a filter, and every passage matches it. A node that does not know filters leaves it false.
    public var isFiltered: Bool
    /// The request asked for words, and they were searched for. A node that does not know words leaves it false.
    public var hasWords: Bool

    public init(
        passages: [ScoredPassage], completeness: Completeness, isFiltered: Bool = false, hasWords: Bool = false
    ) {
        self.passages = passages
        self.completeness = completeness
        self.isFiltered = isFiltered
        self.hasWords = hasWords
    }
}

extension AskSources: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__AskSources>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        self.init(
            passages: try unsafe messages(
                stored.passages, stored.n_passages, limit: WireLimit.passages, "ask_sources.passages"),
            completeness: try unsafe submessage(stored.completeness, "ask_sources.completeness"),
            isFiltered: unsafe stored.filter_applied != 0, hasWords: unsafe stored.words_searched != 0)
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__AskSources> {
        let stored = unsafe arena.make(imprag__ask_sources__init)
        unsafe stored.pointee.n_passages = passages.count
        unsafe stored.pointee.passages = arena.array(passages)
        unsafe stored.pointee.completeness = completeness.store(in: arena)
        unsafe stored.pointee.filter_applied = isFiltered ? 1 : 0
        unsafe stored.pointee.words_searched = hasWords ? 1 : 0
        return unsafe stored
    }
}
