import CWire
public import Core

/// Passage states for a shard to keep. Tensor i: uint8 `[bytes]`, the state of key i. Reply: `StoreStatesReply`.
public struct StoreStatesRequest: Hashable, Sendable {
    /// At least one, at most `TensorDescription.countLimit`.
    public var keys: [StateKey]

    /// The largest state: a shard closes a connection that sends a larger one.
    public static let stateLimit = ByteCount(64 << 20)

    public init(keys: [StateKey]) {
        self.keys = keys
    }
}

extension StoreStatesRequest: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__StoreStatesRequest>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        self.init(keys: try unsafe stateKeys(stored.keys, stored.n_keys, "store_states_request.keys"))
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__StoreStatesRequest> {
        let stored = unsafe arena.make(imprag__store_states_request__init)
        unsafe stored.pointee.n_keys = keys.count
        unsafe stored.pointee.keys = arena.array(keys)
        return unsafe stored
    }
}
