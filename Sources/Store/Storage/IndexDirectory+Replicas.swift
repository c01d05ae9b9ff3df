extension IndexDirectory {
    /// Replicas of a collection that is kept elsewhere: the same layout, without a manifest of its own.
    ///
    /// - Parameter path: the directory; partitions in it may be missing.
    public init(replicasIn path: String, of stored: StoredManifest) {
        self.path = path
        manifest = stored.manifest
        fingerprint = stored.identity.fingerprint
    }

    /// The directory of partition `number`; it need not be there.
    public func partitionPath(_ number: Int) -> String { path + "/" + Self.partitionName(number) }
}
