/// What an upsert did to a partition.
public struct UpsertOutcome: Hashable, Sendable {
    public var inserted: Int
    /// Passages whose id was there already.
    public var replaced: Int

    public init(inserted: Int = 0, replaced: Int = 0) {
        self.inserted = inserted
        self.replaced = replaced
    }
}
