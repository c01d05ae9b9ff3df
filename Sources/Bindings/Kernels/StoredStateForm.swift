/// How to read the bytes of one layer's stored keys and values (`states.h`).
public enum StoredStateForm: Sendable {
    case bf16
    case int8
    /// The head size is a multiple of 4.
    case codes

    /// Bytes per layer of `tokens` tokens.
    public func layerBytes(tokens: Int, _ layout: KeyValueLayout) -> Int {
        let numbers = 2 * layout.keyWidth * tokens
        switch self {
        case .bf16: return 2 * numbers
        case .int8: return numbers + 2 * layout.keyHeadCount * (layout.headSize + tokens)
        case .codes: return numbers / StateCodebook.groupSize
        }
    }
}
