import CWire

/// The status of the answering node; from a coordinator, of every node of the cluster.
public struct StatusReply: Hashable, Sendable {
    public var nodes: [NodeStatus]

    public init(
        nodes: [NodeStatus]
    ) {
        self.nodes = nodes
    }
}

extension StatusReply: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__StatusReply>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        self.init(
            nodes: try unsafe messages(stored.nodes, stored.n_nodes, limit: WireLimit.nodes, "status_reply.nodes"))
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__StatusReply> {
        let stored = unsafe arena.make(imprag__status_reply__init)
        unsafe stored.pointee.n_nodes = nodes.count
        unsafe stored.pointee.nodes = arena.array(nodes)
        return unsafe stored
    }
}
