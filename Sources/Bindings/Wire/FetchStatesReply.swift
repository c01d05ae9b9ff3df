import CWire

/// Which of the requested states a shard sends. Tensors: the states it sends, uint8 `[bytes]`, in the order of their
/// keys.
public struct FetchStatesReply: Hashable, Sendable {
    /// One for each key, in order.
    public var presence: [StatePresence]

    public init(presence: [StatePresence]) {
        self.presence = presence
    }
}

extension FetchStatesReply: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__FetchStatesReply>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        let values = try unsafe numbers(
            stored.presence, stored.n_presence, limit: TensorDescription.countLimit, "fetch_states_reply.presence")
        var presence: [StatePresence] = []
        for value in values { presence.append(try StatePresence(stored: value, "fetch_states_reply.presence")) }
        self.init(presence: presence)
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__FetchStatesReply> {
        let stored = unsafe arena.make(imprag__fetch_states_reply__init)
        unsafe stored.pointee.n_presence = presence.count
        unsafe stored.pointee.presence = arena.array(presence.map(\.stored))
        return unsafe stored
    }
}
