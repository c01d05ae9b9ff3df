import CWire

/// Why a search asked a shard.
public enum ShardTurn: String, Sendable, CaseIterable {
    case first
    /// The replica asked before took longer than usual.
    case hedge
    /// The replica asked before had failed, or was silent.
    case retry
}

extension ShardTurn: WireEnumeration {
    var stored: Imprag__ShardTurn {
        switch self {
        case .first: IMPRAG__SHARD_TURN__FIRST_ASKED
        case .hedge: IMPRAG__SHARD_TURN__HEDGE
        case .retry: IMPRAG__SHARD_TURN__RETRY
        }
    }
}
