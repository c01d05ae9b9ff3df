import CWire
public import Core

/// Asks a shard for the passage states that it keeps. Reply: `FetchStatesReply`.
public struct FetchStatesRequest: Hashable, Sendable {
    /// At least one, at most `TensorDescription.countLimit`.
    public var keys: [StateKey]

    public init(keys: [StateKey]) {
        self.keys = keys
    }
}

extension FetchStatesRequest: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__FetchStatesRequest>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        self.init(keys: try unsafe stateKeys(stored.keys, stored.n_keys, "fetch_states_request.keys"))
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__FetchStatesRequest> {
        let stored = unsafe arena.make(imprag__fetch_states_request__init)
        unsafe stored.pointee.n_keys = keys.count
        unsafe stored.pointee.keys = arena.array(keys)
        return unsafe stored
    }
}
