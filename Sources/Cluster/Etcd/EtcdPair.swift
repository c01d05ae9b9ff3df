/// A key and its value at a revision.
public struct EtcdPair: Hashable, Sendable {
    public let key: String
    public let value: [UInt8]
    /// The revision of the key's last change: nobody else changed it as long as this is the same.
    public let modRevision: Int
    /// 0: no lease.
    public let lease: Int

    public init(key: String, value: [UInt8], modRevision: Int, lease: Int) {
        self.key = key
        self.value = value
        self.modRevision = modRevision
        self.lease = lease
    }
}

/// What became of a key.
public enum EtcdEvent: Hashable, Sendable {
    case put(EtcdPair)
    case deleted(key: String, revision: Int)
}

/// All keys with a prefix at one revision.
public struct EtcdRange: Hashable, Sendable {
    public let pairs: [EtcdPair]
    /// That of the whole etcd.
    public let revision: Int

    public init(pairs: [EtcdPair], revision: Int) {
        self.pairs = pairs
        self.revision = revision
    }
}
