import Core

/// A `Replace` of the file: every occurrence of a text becomes another, leftmost first, without overlap.
struct Replacement: Sendable {
    /// UTF-8, not empty.
    let pattern: [UInt8]
    let content: [UInt8]

    init(pattern: [UInt8], content: [UInt8]) {
        self.pattern = pattern
        self.content = content
    }

    /// Reads `field`, an object of `pattern` and `content`; nil when it changes nothing.
    init?(_ field: JSONField) throws(ImpRAGError) {
        pattern = Array(try Self.literal(field.member("pattern")).utf8)
        content = Array(try field.member("content").string().utf8)
        if pattern == content { return nil }
        guard !pattern.isEmpty else {
            throw try field.member("pattern").failure("is empty; it must be the text to replace")
        }
    }

    /// The text that `pattern` stands for. A regular expression without operators is one, too.
    private static func literal(_ pattern: JSONField) throws(ImpRAGError) -> String {
        let text = try pattern.member("String")
        if !text.isNull { return try text.string() }
        let regex = try pattern.member("Regex")
        guard !regex.isNull else { throw pattern.failure(#"must be {"String": "…"}"#) }
        let expression = try regex.string()
        guard !expression.contains(where: { #"\.^$|?*+()[]{}"#.contains($0) }) else {
            throw regex.failure(
                "is \"\(expression)\"; replacing what a regular expression matches is not supported, it must be "
                    + #"{"String": "…"}"#
            )
        }
        return expression
    }

    /// A text becomes at most this many times as long.
    var growth: Int { max(1, (content.count + pattern.count - 1) / pattern.count) }

    func applied(to text: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(text.count + text.count / 4)
        let span = text.span
        var offset = 0
        while offset < span.count {
            if span.starts(with: pattern, at: offset) {
                output += content
                offset += pattern.count
            } else {
                output.append(span[offset])
                offset += 1
            }
        }
        return output
    }
}

extension Int {
    /// The product of two positive numbers, or the largest number if that is less.
    func multipliedClamped(by factor: Int) -> Int {
        let (product, overflows) = multipliedReportingOverflow(by: factor)
        return overflows ? .max : product
    }
}

extension Span<UInt8> {
    /// Whether `bytes`, not empty, stand at `offset`.
    @inline(__always)
    func starts(with bytes: [UInt8], at offset: Int) -> Bool {
        guard self[offset] == bytes[0], offset + bytes.count <= count else { return false }
        for index in 1..<max(bytes.count, 1) where self[offset + index] != bytes[index] { return false }
        return true
    }
}
