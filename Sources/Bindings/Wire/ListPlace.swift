import CWire

/// A passage's place in one of the lists that a search has joined.
public struct ListPlace: Hashable, Sendable {
    /// By vector: the inner product. By words: BM25 with the figures of the whole collection.
    public var score: Float
    /// 0 is the best.
    public var rank: Int

    public init(score: Float, rank: Int) {
        self.score = score
        self.rank = rank
    }
}

extension ListPlace: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__ListPlace>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        self.init(score: unsafe stored.score, rank: Int(unsafe stored.rank))
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__ListPlace> {
        let stored = unsafe arena.make(imprag__list_place__init)
        unsafe stored.pointee.score = score
        unsafe stored.pointee.rank = UInt32(clamping: rank)
        return unsafe stored
    }
}
