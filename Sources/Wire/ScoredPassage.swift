import CWire
public import Core

/// One passage that a search found.
public struct ScoredPassage: Hashable, Sendable {
    public var passage: Passage
    /// Inner product of the query and passage embeddings.
    public var score: Float
    /// 0 is the best.
    public var rank: Int

    public init(
        passage: Passage, score: Float, rank: Int
    ) {
        self.passage = passage
        self.score = score
        self.rank = rank
    }
}

extension ScoredPassage: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__ScoredPassage>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        self.init(
            passage: try unsafe submessage(stored.passage, "scored_passage.passage"),
            score: unsafe stored.score,
            rank: Int(unsafe stored.rank))
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__ScoredPassage> {
        let stored = unsafe arena.make(imprag__scored_passage__init)
        unsafe stored.pointee.passage = passage.store(in: arena)
        unsafe stored.pointee.score = score
        unsafe stored.pointee.rank = UInt32(clamping: rank)
        return unsafe stored
    }
}
