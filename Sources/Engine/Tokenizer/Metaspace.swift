import Core

/// The settings of a `Metaspace`, SentencePiece's way with spaces: each becomes a visible character, and a text starts
/// with one.
struct Metaspace: Sendable {
    enum PrependScheme: String, Sendable, CaseIterable {
        /// Every piece of text between added tokens starts with a space.
        case always
        /// Only what stands at the very start of the text does.
        case first
        case never
    }

    /// One character, as UTF-8.
    let replacement: [UInt8]
    let scheme: PrependScheme
    /// Whether the text is cut before each space.
    let splits: Bool

    init(_ field: JSONField) throws(ImpRAGError) {
        let mark = try field.member("replacement").string()
        guard mark.unicodeScalars.count == 1 else {
            throw try field.member("replacement").failure("is \"\(mark)\"; it must be one character, such as \"▁\"")
        }
        replacement = Array(mark.utf8)
        splits = try field.member("split").bool(absent: true)
        let prefixes = try field.member("add_prefix_space").bool(absent: true)
        let scheme = try field.member("prepend_scheme")
        if scheme.isNull {
            // Files from before 2024 have `add_prefix_space` alone.
            self.scheme = prefixes ? .always : .never
            return
        }
        let name = try scheme.string()
        guard let known = PrependScheme(rawValue: name) else {
            throw scheme.failure(
                "is \"\(name)\"; it must be one of \(PrependScheme.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        guard prefixes || known == .never else {
            throw scheme.failure("is \"\(name)\", but add_prefix_space is false; it must be \"never\" then")
        }
        self.scheme = known
    }

    /// `text` with its spaces replaced, and with one in front where it needs one.
    ///
    /// - Parameter isAtStart: whether nothing, not even an added token, stands before it.
    func marked(_ text: [UInt8], isAtStart: Bool) -> [UInt8] {
        let marked = Replacement(pattern: [UInt8(ascii: " ")], content: replacement).applied(to: text)
        let prefixes =
            switch scheme {
            case .always: true
            case .first: isAtStart
            case .never: false
            }
        guard prefixes, !marked.isEmpty, !marked.starts(with: replacement) else { return marked }
        return replacement + marked
    }
}
