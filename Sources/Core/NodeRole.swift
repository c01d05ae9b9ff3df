/// What a node does in the cluster.
public enum NodeRole: String, Sendable, CaseIterable {
    case shard
    case coordinator
    case generator
}
