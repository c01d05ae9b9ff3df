public import Etcd

/// The cluster file's `membership`: nodes find each other in an etcd, and shards divide the partitions among
/// themselves.
public struct MembershipSettings: Sendable, Hashable {
    public let etcd: EtcdSettings
    /// `prefix`: what this cluster's keys begin with, without a slash behind it.
    public let prefix: String
    /// `ttl_seconds`: how long a node counts as alive that says nothing. Default 10, at least 5: when etcd's leader
    /// dies it takes some seconds until another one takes renewals.
    public let leaseSeconds: Int
    /// `replicas`: shards that are to serve each partition. Default 2.
    public let replicas: Int

    public init(etcd: EtcdSettings, prefix: String, leaseSeconds: Int = 10, replicas: Int = 2) {
        self.etcd = etcd
        self.prefix = prefix
        self.leaseSeconds = leaseSeconds
        self.replicas = replicas
    }

    /// What the keys of nodes begin with.
    public var nodesPrefix: String { prefix + "/nodes/" }
}
