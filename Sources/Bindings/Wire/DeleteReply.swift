import CWire

/// What a delete did.
public struct DeleteReply: Hashable, Sendable {
    /// Passages that were there.
    public var deleted: Int

    public init(deleted: Int) {
        self.deleted = deleted
    }
}

extension DeleteReply: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__DeleteReply>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        self.init(deleted: try unsafe count(stored.deleted, "delete_reply.deleted"))
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__DeleteReply> {
        let stored = unsafe arena.make(imprag__delete_reply__init)
        unsafe stored.pointee.deleted = UInt64(clamping: deleted)
        return unsafe stored
    }
}
