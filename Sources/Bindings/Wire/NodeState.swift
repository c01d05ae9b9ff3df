import CWire

/// Whether a node can work.
public enum NodeState: String, Sendable, CaseIterable {
    case loading
    case ready
    case stopping
    /// The coordinator's word for a node that does not answer it.
    case unreachable
}

extension NodeState: WireEnumeration {
    var stored: Imprag__NodeState {
        switch self {
        case .loading: IMPRAG__NODE_STATE__LOADING
        case .ready: IMPRAG__NODE_STATE__READY
        case .stopping: IMPRAG__NODE_STATE__STOPPING
        case .unreachable: IMPRAG__NODE_STATE__UNREACHABLE
        }
    }
}
