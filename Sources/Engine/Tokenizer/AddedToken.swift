/// A token that is found in the text before anything else happens to it.
struct AddedToken: Sendable {
    /// What stands in the text, as UTF-8; not empty.
    let content: [UInt8]
    let id: Int32
    /// Left out when decoding; ordinary text where special tokens are not recognised.
    let isSpecial: Bool
    /// Not found inside a word.
    let isSingleWord: Bool
    /// White space before it belongs to it.
    let stripsLeft: Bool
    /// White space after it belongs to it.
    let stripsRight: Bool
    /// Looked for after those that are not: a detail of the format that shows where two tokens overlap.
    let isNormalized: Bool
}
