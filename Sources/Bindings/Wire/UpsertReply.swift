import CWire

/// What an upsert did.
public struct UpsertReply: Hashable, Sendable {
    /// Passages whose id was there already.
    public var replaced: Int
    public var inserted: Int

    public init(replaced: Int, inserted: Int) {
        self.replaced = replaced
        self.inserted = inserted
    }
}

extension UpsertReply: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__UpsertReply>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        self.init(
            replaced: try unsafe count(stored.replaced, "upsert_reply.replaced"),
            inserted: try unsafe count(stored.inserted, "upsert_reply.inserted"))
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__UpsertReply> {
        let stored = unsafe arena.make(imprag__upsert_reply__init)
        unsafe stored.pointee.replaced = UInt64(clamping: replaced)
        unsafe stored.pointee.inserted = UInt64(clamping: inserted)
        return unsafe stored
    }
}
