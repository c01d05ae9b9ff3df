import CWire

/// How a shard fared in one search.
public enum ShardState: String, Sendable, CaseIterable {
    case answered
    case timedOut = "timed_out"
    case failed
}

extension ShardState: WireEnumeration {
    var stored: Imprag__ShardState {
        switch self {
        case .answered: IMPRAG__SHARD_STATE__ANSWERED
        case .timedOut: IMPRAG__SHARD_STATE__TIMED_OUT
        case .failed: IMPRAG__SHARD_STATE__FAILED
        }
    }
}
