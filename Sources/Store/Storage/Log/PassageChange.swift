public import Core

/// A change of one passage.
public enum PassageChange: Hashable, Sendable {
    /// Adds the passage, or replaces the one with its id.
    case upsert(Passage, vector: [BFloat16])
    /// Deletes the passage, if there is one.
    case delete(id: String)

    public var id: String {
        switch self {
        case .upsert(let passage, _): passage.id
        case .delete(let id): id
        }
    }
}

/// A change as it stands in a segment, which several updates may share.
public struct LoggedChange: Hashable, Sendable {
    /// Which of the segment's updates it is of, from 0.
    public let update: Int
    public let change: PassageChange

    public init(update: Int, _ change: PassageChange) {
        self.update = update
        self.change = change
    }
}

/// What an update did to the passages of one or several partitions.
public struct UpdateOutcome: Hashable, Sendable {
    public var inserted: Int
    /// Passages whose id was there already.
    public var replaced: Int
    public var deleted: Int

    public init(inserted: Int = 0, replaced: Int = 0, deleted: Int = 0) {
        self.inserted = inserted
        self.replaced = replaced
        self.deleted = deleted
    }

    public static func + (left: UpdateOutcome, right: UpdateOutcome) -> UpdateOutcome {
        UpdateOutcome(
            inserted: left.inserted + right.inserted, replaced: left.replaced + right.replaced,
            deleted: left.deleted + right.deleted)
    }
}
