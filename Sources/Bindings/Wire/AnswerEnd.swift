import CWire

/// Why an answer ended.
public enum AnswerEnd: String, Sendable, CaseIterable {
    /// An end token was chosen, or a stop string appeared.
    case stop
    /// The token limit was reached.
    case length
}

extension AnswerEnd: WireEnumeration {
    var stored: Imprag__FinishReason {
        switch self {
        case .stop: IMPRAG__FINISH_REASON__STOP
        case .length: IMPRAG__FINISH_REASON__LENGTH
        }
    }
}
