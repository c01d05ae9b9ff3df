import CWire
import Core

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
