import CWire
import Core

extension WordsMode: WireEnumeration {
    var stored: Imprag__WordsMode {
        switch self {
        case .off: IMPRAG__WORDS_MODE__WORDS_OFF
        case .fuse: IMPRAG__WORDS_MODE__WORDS_FUSE
        case .only: IMPRAG__WORDS_MODE__WORDS_ONLY
        }
    }
}
