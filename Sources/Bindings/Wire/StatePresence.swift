import CWire

/// What became of one key of a `FetchStatesRequest`.
public enum StatePresence: Sendable, CaseIterable {
    /// Its bytes are the next tensor.
    case sent
    /// The shard does not have it.
    case absent
    /// The shard has it but no room left in this reply: ask again.
    case notSent
}

extension StatePresence: WireEnumeration {
    var stored: Imprag__StatePresence {
        switch self {
        case .sent: IMPRAG__STATE_PRESENCE__SENT
        case .absent: IMPRAG__STATE_PRESENCE__ABSENT
        case .notSent: IMPRAG__STATE_PRESENCE__NOT_SENT
        }
    }
}
