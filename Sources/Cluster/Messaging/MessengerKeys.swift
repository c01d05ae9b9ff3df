public import Core

/// A messenger's keys: its own, which it shows to those that it calls, and those that it lets in.
public struct MessengerKeys: Sendable {
    let own: KeyFile
    /// Nil for a client, which lets nobody in.
    let ring: KeyRing?

    /// Of a client.
    public init(client key: KeyFile) {
        own = key
        ring = nil
    }

    /// Of a node.
    ///
    /// - Throws: `invalidArgument` for a key that is no node's, `failedPrecondition` when it belongs to another cluster
    ///   than the list.
    public init(node key: KeyFile, ring: KeyRing) throws(ImpRAGError) {
        guard key.role == .node else {
            throw ImpRAGError(
                .invalidArgument,
                "the key \"\(key.name)\" has the role \(key.role.rawValue); a node's needs the role node: "
                    + "`imprag keys create NAME --role node`")
        }
        guard key.serverKey == ring.list.serverKey else {
            throw ImpRAGError(
                .failedPrecondition,
                "the key \"\(key.name)\" and the key list are of two clusters: their \"server\" keys differ")
        }
        own = key
        self.ring = ring
    }
}
