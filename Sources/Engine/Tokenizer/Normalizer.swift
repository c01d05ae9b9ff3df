import Core

/// The `normalizer` of a `tokenizer.json`: what happens to the text between added tokens before it is split.
///
/// SentencePiece's marks for spaces (`Prepend` and `Replace`) and Unicode's normalization forms are supported. Settings
/// that change nothing are read and dropped.
struct Normalizer: Sendable {
    private enum Step: Sendable {
        case prepend([UInt8])
        case replace(Replacement)
        case form(UnicodeForm)
    }

    private let steps: [Step]

    init(_ field: JSONField) throws(ImpRAGError) {
        steps = try Self.steps(field)
    }

    /// Whether text stays as it is.
    var isIdentity: Bool { steps.isEmpty }

    /// A text becomes at most this many times as long.
    var growth: Int {
        steps.reduce(1) { growth, step in
            switch step {
            case .prepend(let prefix): growth.multipliedClamped(by: 1 + prefix.count)
            case .replace(let replacement): growth.multipliedClamped(by: replacement.growth)
            case .form(let form): growth.multipliedClamped(by: form.growth)
            }
        }
    }

    /// `text` after all steps; an empty one stays empty.
    func normalized(_ text: [UInt8]) -> [UInt8] {
        var text = text
        for step in steps {
            switch step {
            case .prepend(let prefix): if !text.isEmpty { text = prefix + text }
            case .replace(let replacement): text = replacement.applied(to: text)
            case .form(let form): text = form.applied(to: text)
            }
        }
        return text
    }

    private static func steps(_ field: JSONField) throws(ImpRAGError) -> [Step] {
        if field.isNull { return [] }
        let type = try field.member("type").string()
        if let form = UnicodeForm(rawValue: type) { return [.form(form)] }
        switch type {
        case "Sequence":
            var steps: [Step] = []
            for element in try field.member("normalizers").elements() { steps += try Self.steps(element) }
            return steps
        case "Prepend":
            let prefix = try field.member("prepend").string()
            return prefix.isEmpty ? [] : [.prepend(Array(prefix.utf8))]
        case "Replace":
            return try Replacement(field).map { [.replace($0)] } ?? []
        case "Strip":
            try requireFalse(["strip_left", "strip_right"], of: field)
            return []
        case "BertNormalizer":
            // Without `strip_accents` it does as `lowercase` says.
            try requireFalse(["clean_text", "handle_chinese_chars", "strip_accents", "lowercase"], of: field)
            return []
        default:
            throw try field.member("type").failure(
                "is \"\(type)\", which changes texts and is not supported; supported are Prepend, Replace, "
                    + "NFC, NFD, NFKC and NFKD, alone or in a Sequence, and what changes nothing, such as null")
        }
    }

    private static func requireFalse(_ names: [String], of field: JSONField) throws(ImpRAGError) {
        for name in names where try field.member(name).bool(absent: false) {
            throw try field.member(name).failure("is true, which changes texts and is not supported; it must be false")
        }
    }
}
