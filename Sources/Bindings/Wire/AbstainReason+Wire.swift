import CWire
import Core

extension AbstainReason: WireEnumeration {
    var stored: Imprag__AbstainReason {
        switch self {
        case .noContext: IMPRAG__ABSTAIN_REASON__NO_CONTEXT
        case .lowScore: IMPRAG__ABSTAIN_REASON__LOW_SCORE
        case .partialIndex: IMPRAG__ABSTAIN_REASON__PARTIAL_INDEX
        case .unsupported: IMPRAG__ABSTAIN_REASON__UNSUPPORTED
        }
    }
}
