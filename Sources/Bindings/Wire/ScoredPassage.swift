import CWire
public import Core

/// One passage that a search found.
public struct ScoredPassage: Hashable, Sendable {
    public var passage: Passage
    /// What the passages are ordered by: the inner product of the query and passage embeddings; with words fused the
    /// joined score, with words only the score by words.
    public var score: Float
    /// 0 is the best.
    public var rank: Int
    /// Where the list by vectors has it; nil when it has not found it, and in a search without words.
    public var byVector: ListPlace?
    /// Where the list by words has it; nil when it has not found it, and in a search without words.
    public var byWords: ListPlace?

    public init(
        passage: Passage, score: Float, rank: Int, byVector: ListPlace? = nil, byWords: ListPlace? = nil
    ) {
        self.passage = passage
        self.score = score
        self.rank = rank
        self.byVector = byVector
        self.byWords = byWords
    }
}

extension ScoredPassage: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__ScoredPassage>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        self.init(
            passage: try unsafe submessage(stored.passage, "scored_passage.passage"),
            score: unsafe stored.score,
            rank: Int(unsafe stored.rank),
            byVector: try unsafe optionalSubmessage(stored.by_vector),
            byWords: try unsafe optionalSubmessage(stored.by_words))
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__ScoredPassage> {
        let stored = unsafe arena.make(imprag__scored_passage__init)
        unsafe stored.pointee.passage = passage.store(in: arena)
        unsafe stored.pointee.score = score
        unsafe stored.pointee.rank = UInt32(clamping: rank)
        unsafe stored.pointee.by_vector = byVector?.store(in: arena)
        unsafe stored.pointee.by_words = byWords?.store(in: arena)
        return unsafe stored
    }
}
