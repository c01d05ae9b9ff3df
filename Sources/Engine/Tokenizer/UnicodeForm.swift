import Foundation

/// A normalization form of Unicode (UAX #15), called as in `tokenizer.json`.
enum UnicodeForm: String, Sendable {
    case composed = "NFC"
    case decomposed = "NFD"
    case compatibilityComposed = "NFKC"
    case compatibilityDecomposed = "NFKD"

    /// A text becomes at most this many times as long (UAX #15, section 9).
    var growth: Int {
        switch self {
        case .composed, .decomposed: 3
        case .compatibilityComposed, .compatibilityDecomposed: 11
        }
    }

    func applied(to text: [UInt8]) -> [UInt8] {
        guard text.contains(where: { $0 >= 0x80 }) else { return text }
        let text = String(decoding: text, as: UTF8.self)
        let changed =
            switch self {
            case .composed: text.precomposedStringWithCanonicalMapping
            case .decomposed: text.decomposedStringWithCanonicalMapping
            case .compatibilityComposed: text.precomposedStringWithCompatibilityMapping
            case .compatibilityDecomposed: text.decomposedStringWithCompatibilityMapping
            }
        return Array(changed.utf8)
    }
}
