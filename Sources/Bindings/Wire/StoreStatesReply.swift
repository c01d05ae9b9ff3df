import CWire

/// What a shard did with the states that it was sent.
public struct StoreStatesReply: Hashable, Sendable {
    /// States that it keeps now; fewer than were sent when it has no room for them, or keeps none.
    public var stored: Int

    public init(stored: Int) {
        self.stored = stored
    }
}

extension StoreStatesReply: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__StoreStatesReply>) throws(MalformedField) {
        self.init(stored: try unsafe count(stored.pointee.stored, "store_states_reply.stored"))
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__StoreStatesReply> {
        let message = unsafe arena.make(imprag__store_states_reply__init)
        unsafe message.pointee.stored = UInt64(clamping: stored)
        return unsafe message
    }
}
