import CWire
import Core

extension UpdateWait: WireEnumeration {
    var stored: Imprag__UpdateWait {
        switch self {
        case .durable: IMPRAG__UPDATE_WAIT__DURABLE
        case .found: IMPRAG__UPDATE_WAIT__FOUND
        }
    }
}
