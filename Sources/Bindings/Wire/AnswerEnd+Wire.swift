import CWire
import Core

extension AnswerEnd: WireEnumeration {
    var stored: Imprag__FinishReason {
        switch self {
        case .stop: IMPRAG__FINISH_REASON__STOP
        case .length: IMPRAG__FINISH_REASON__LENGTH
        }
    }
}
