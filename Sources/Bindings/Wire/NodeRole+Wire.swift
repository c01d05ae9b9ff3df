import CWire
import Core

extension NodeRole: WireEnumeration {
    var stored: Imprag__NodeRole {
        switch self {
        case .shard: IMPRAG__NODE_ROLE__SHARD
        case .coordinator: IMPRAG__NODE_ROLE__COORDINATOR
        case .generator: IMPRAG__NODE_ROLE__GENERATOR
        }
    }
}
