import CWire

/// Words to search one shard for.
public struct WordsQuery: Hashable, Sendable {
    public var text: String
    /// Passages wanted, at least 1.
    public var count: Int

    public init(text: String, count: Int) {
        self.text = text
        self.count = count
    }
}

extension WordsQuery: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__WordsQuery>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        self.init(text: try unsafe checkedText(stored.text, "words_query.text"), count: Int(unsafe stored.count))
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__WordsQuery> {
        let stored = unsafe arena.make(imprag__words_query__init)
        unsafe stored.pointee.text = arena.bytes(of: text)
        unsafe stored.pointee.count = UInt32(clamping: count)
        return unsafe stored
    }
}
