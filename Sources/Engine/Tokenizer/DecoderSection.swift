import Core

extension DecoderSteps {
    /// Reads the `decoder` of a `tokenizer.json`; nil for ByteLevel, which needs no steps: tokens are bytes already.
    static func read(_ field: JSONField) throws(ImpRAGError) -> DecoderSteps? {
        guard !field.isNull else {
            throw field.failure(
                "is missing, and tokens would be joined with spaces; it must be ByteLevel, or a Sequence such as "
                    + "Llama 2's"
            )
        }
        var section = DecoderSection()
        for part in try DecoderSection.parts(of: field) { try section.add(part) }
        return section.isByteLevel ? nil : DecoderSteps(tokenSteps: section.tokenSteps, textSteps: section.textSteps)
    }
}

/// The steps of a `decoder`, as far as they have been read. Those that change nothing are left out.
private struct DecoderSection {
    var tokenSteps: [DecoderSteps.TokenStep] = []
    var textSteps: [DecoderSteps.TextStep] = []
    var isByteLevel = false
    private var isFused = false
    private var hasByteFallback = false

    /// The decoders in order, Sequences taken apart.
    static func parts(of field: JSONField) throws(ImpRAGError) -> [JSONField] {
        guard try field.member("type").string() == "Sequence" else { return [field] }
        var parts: [JSONField] = []
        for element in try field.member("decoders").elements() { parts += try Self.parts(of: element) }
        return parts
    }

    mutating func add(_ field: JSONField) throws(ImpRAGError) {
        let type = try field.member("type").string()
        switch type {
        case "Fuse": isFused = true
        case "ByteLevel":
            guard tokenSteps.isEmpty, textSteps.isEmpty, !isFused, !isByteLevel else {
                throw field.failure("is a ByteLevel, which must be the first")
            }
            isByteLevel = true
        case "Replace":
            guard let replacement = try Replacement(field) else { return }
            try checkPlace(field)
            if isFused { try addToText(replacement, field) } else { tokenSteps.append(.replace(replacement)) }
        case "Strip":
            guard let strip = try Self.strip(field) else { return }
            try checkPlace(field)
            if isFused { textSteps.append(.strip(strip)) } else { tokenSteps.append(.strip(strip)) }
        case "Metaspace":
            let settings = try Metaspace(field)
            try checkPlace(field)
            let removes = settings.scheme != .never
            if isFused {
                // The text counts as one token, the first.
                let content = removes ? [] : [UInt8(ascii: " ")]
                textSteps.append(.replace(Replacement(pattern: settings.replacement, content: content)))
            } else {
                tokenSteps.append(.metaspace(mark: settings.replacement, removesFirst: removes))
            }
        case "ByteFallback":
            try checkPlace(field)
            guard !isFused, !hasByteFallback else {
                throw field.failure("must stand before Fuse, and only once")
            }
            hasByteFallback = true
            tokenSteps.append(.byteFallback)
        default:
            throw try field.member("type").failure(
                "is \"\(type)\", which is not supported; it must be ByteLevel, Replace, ByteFallback, Fuse, Strip, "
                    + "Metaspace or a Sequence of them")
        }
    }

    /// Nothing may change what ByteLevel gives.
    private func checkPlace(_ field: JSONField) throws(ImpRAGError) {
        if isByteLevel { throw field.failure("stands after ByteLevel, which must be the last that changes anything") }
    }

    private mutating func addToText(_ replacement: Replacement, _ field: JSONField) throws(ImpRAGError) {
        guard String(decoding: replacement.pattern, as: UTF8.self).unicodeScalars.count == 1 else {
            throw try field.member("pattern").failure("must be one character where the Replace stands after Fuse")
        }
        textSteps.append(.replace(replacement))
    }

    /// Nil when it strips nothing.
    private static func strip(_ field: JSONField) throws(ImpRAGError) -> CharacterStrip? {
        let content = try field.member("content").string()
        guard content.unicodeScalars.count == 1 else {
            throw try field.member("content").failure("is \"\(content)\"; it must be one character")
        }
        let start = Int(try field.member("start").id())
        let stop = Int(try field.member("stop").id())
        return start == 0 && stop == 0 ? nil : CharacterStrip(content: Array(content.utf8), start: start, stop: stop)
    }
}
