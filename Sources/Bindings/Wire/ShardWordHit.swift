import CWire
public import Core

/// One passage that a shard found by words.
public struct ShardWordHit: Hashable, Sendable {
    public var passage: Passage
    /// How often each of the query's terms occurs in it.
    public var frequencies: [Int]
    /// Its length in terms.
    public var length: Int
    /// Indices of the query's terms that occur in its title, and how many distinct terms the title has.
    public var titleTerms: [Int]
    public var titleCount: Int

    public init(passage: Passage, frequencies: [Int], length: Int, titleTerms: [Int] = [], titleCount: Int = 0) {
        self.passage = passage
        self.frequencies = frequencies
        self.length = length
        self.titleTerms = titleTerms
        self.titleCount = titleCount
    }
}

extension ShardWordHit: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__ShardWordHit>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        let frequencies = try unsafe numbers(
            stored.frequencies, stored.n_frequencies, limit: WireLimit.terms, "shard_word_hit.frequencies")
        let titleTerms = try unsafe numbers(
            stored.title_terms, stored.n_title_terms, limit: WireLimit.terms, "shard_word_hit.title_terms")
        self.init(
            passage: try unsafe submessage(stored.passage, "shard_word_hit.passage"),
            frequencies: frequencies.map(Int.init), length: Int(unsafe stored.length),
            titleTerms: titleTerms.map(Int.init), titleCount: Int(unsafe stored.title_count))
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__ShardWordHit> {
        let stored = unsafe arena.make(imprag__shard_word_hit__init)
        unsafe stored.pointee.passage = passage.store(in: arena)
        unsafe stored.pointee.n_frequencies = frequencies.count
        unsafe stored.pointee.frequencies = arena.array(frequencies.map { UInt32(clamping: $0) })
        unsafe stored.pointee.length = UInt32(clamping: length)
        unsafe stored.pointee.n_title_terms = titleTerms.count
        unsafe stored.pointee.title_terms = arena.array(titleTerms.map { UInt32(clamping: $0) })
        unsafe stored.pointee.title_count = UInt32(clamping: titleCount)
        return unsafe stored
    }
}
