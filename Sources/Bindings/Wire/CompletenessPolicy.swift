import CWire

/// What a caller wants when a shard does not answer.
public enum CompletenessPolicy: String, Sendable, CaseIterable {
    /// An error that names the shard.
    case fail
    /// An answer from the other shards, flagged in `Completeness`.
    case partial
}

extension CompletenessPolicy: WireEnumeration {
    var stored: Imprag__CompletenessPolicy {
        switch self {
        case .fail: IMPRAG__COMPLETENESS_POLICY__FAIL
        case .partial: IMPRAG__COMPLETENESS_POLICY__PARTIAL
        }
    }
}
