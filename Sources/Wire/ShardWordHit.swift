import CWire
public import Core

/// One passage that words found in a shard.
public struct ShardWordHit: Hashable, Sendable {
    public var passage: Passage
    /// How often each of the query's terms stands in it.
    public var frequencies: [Int]
    /// Its length in terms.
    public var length: Int

    public init(passage: Passage, frequencies: [Int], length: Int) {
        self.passage = passage
        self.frequencies = frequencies
        self.length = length
    }
}

extension ShardWordHit: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__ShardWordHit>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        let frequencies = try unsafe numbers(
            stored.frequencies, stored.n_frequencies, limit: WireLimit.terms, "shard_word_hit.frequencies")
        self.init(
            passage: try unsafe submessage(stored.passage, "shard_word_hit.passage"),
            frequencies: frequencies.map(Int.init), length: Int(unsafe stored.length))
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__ShardWordHit> {
        let stored = unsafe arena.make(imprag__shard_word_hit__init)
        unsafe stored.pointee.passage = passage.store(in: arena)
        unsafe stored.pointee.n_frequencies = frequencies.count
        unsafe stored.pointee.frequencies = arena.array(frequencies.map { UInt32(clamping: $0) })
        unsafe stored.pointee.length = UInt32(clamping: length)
        return unsafe stored
    }
}
