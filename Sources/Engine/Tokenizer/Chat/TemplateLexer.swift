import Core

/// Cuts a template into text and the tokens between `{{ }}` and `{% %}`, white space treated as `transformers` sets
/// Jinja: the line break after a block and the spaces before one that begins a line are no text (`trim_blocks`,
/// `lstrip_blocks`).
struct TemplateLexer {
    struct Token: Sendable {
        let kind: Kind
        let line: Int
    }

    enum Kind: Equatable, Sendable {
        case text(String)
        /// `{{`, `{%`.
        case beginOutput
        case beginBlock
        /// `}}`, `%}`.
        case end
        case name(String)
        case integer(Int)
        case float(Double)
        case string(String)
        case symbol(String)
        case endOfTemplate
    }

    private let name: String
    private let source: [Unicode.Scalar]
    private var place = 0
    private var line = 1
    private var tokens: [Token] = []
    /// Whether what was read last ends a line, or nothing was.
    private var isLineStart = true

    /// Longest first.
    private static let symbols = [
        "==", "!=", ">=", "<=", "//", "/", "+", "-", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<", "=", ".",
        ":",
        "|", ",",
    ]

    /// The tokens of `template`.
    ///
    /// - Parameter name: the template's in messages.
    static func tokens(of template: String, name: String) throws(ImpRAGError) -> [Token] {
        var lexer = TemplateLexer(template, name)
        try lexer.readAll()
        return lexer.tokens
    }

    private init(_ template: String, _ name: String) {
        self.name = name
        var source: [Unicode.Scalar] = []
        for scalar in template.unicodeScalars {
            if scalar == "\n", source.last == "\r" { source.removeLast() }
            source.append(scalar)
        }
        // As Jinja does: any kind of line break is one character, and the last one of the file is none.
        self.source = source.map { $0 == "\r" ? "\n" : $0 }
        if self.source.last == "\n" { end = self.source.count - 1 } else { end = self.source.count }
    }

    /// Past the last character that counts.
    private let end: Int

    private func failure(_ what: String) -> ImpRAGError {
        ImpRAGError(.invalidArgument, "\(name), line \(line): \(what)")
    }

    private func stands(_ text: String, at place: Int) -> Bool {
        let scalars = text.unicodeScalars
        return place + scalars.count <= end && source[place...].starts(with: scalars)
    }

    private mutating func advance(to next: Int) {
        for index in place..<next where source[index] == "\n" { line += 1 }
        if next > place { isLineStart = source[next - 1] == "\n" }
        place = next
    }

    private mutating func add(_ kind: Kind) { tokens.append(Token(kind: kind, line: line)) }

    private mutating func readAll() throws(ImpRAGError) {
        while place < end {
            let opening = nextOpening()
            readText(upTo: opening)
            guard opening < end else { break }
            let mark = source[opening + 1]
            var start = opening + 2
            if start < end, source[start] == "-" || source[start] == "+" { start += 1 }
            advance(to: start)
            switch mark {
            case "#": try skipComment()
            case "%": try readTokens(.beginBlock, closing: "%}")
            default: try readTokens(.beginOutput, closing: "}}")
            }
        }
        add(.endOfTemplate)
    }

    private func nextOpening() -> Int {
        var index = place
        while index + 1 < end {
            if source[index] == "{", ["{", "%", "#"].contains(source[index + 1]) { return index }
            index += 1
        }
        return end
    }

    /// Adds the text before `opening`, without what its marks, or its being a block, take away.
    private mutating func readText(upTo opening: Int) {
        var last = opening
        let sign: Unicode.Scalar? = opening + 2 < end ? source[opening + 2] : nil
        if opening < end, sign == "-" {
            while last > place, Self.isSpace(source[last - 1]) { last -= 1 }
        } else if opening < end, sign != "+", source[opening + 1] != "{" {
            var start = opening
            while start > place, source[start - 1] != "\n", Self.isSpace(source[start - 1]) { start -= 1 }
            if start > place ? source[start - 1] == "\n" : isLineStart { last = start }
        }
        if last > place {
            var text = String.UnicodeScalarView()
            text.append(contentsOf: source[place..<last])
            add(.text(String(text)))
        }
        advance(to: opening)
    }

    private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        ChatCharacter(scalar: scalar, isData: false).isSpace
    }

    private mutating func skipComment() throws(ImpRAGError) {
        var index = place
        while index < end, !stands("#}", at: index) { index += 1 }
        guard index < end else { throw failure("a comment has no end; #} ends it") }
        let sign = index > place ? source[index - 1] : " "
        finish(after: index + 2, sign: sign, trimsLine: true)
    }

    /// Goes on after a closing mark.
    private mutating func finish(after closing: Int, sign: Unicode.Scalar, trimsLine: Bool) {
        var next = closing
        if sign == "-" {
            while next < end, Self.isSpace(source[next]) { next += 1 }
        } else if sign != "+", trimsLine, next < end, source[next] == "\n" {
            next += 1
        }
        advance(to: next)
    }

    private mutating func readTokens(_ begin: Kind, closing: String) throws(ImpRAGError) {
        add(begin)
        var brackets: [String] = []
        while true {
            while place < end, Self.isSpace(source[place]) { advance(to: place + 1) }
            guard place < end else { throw failure("\(closing) is missing at the end of the template") }
            if brackets.isEmpty {
                let signed = source[place] == "-" || (source[place] == "+" && closing == "%}")
                if stands(closing, at: place + (signed ? 1 : 0)) {
                    add(.end)
                    let sign = signed ? source[place] : " "
                    finish(after: place + (signed ? 3 : 2), sign: sign, trimsLine: closing == "%}")
                    return
                }
            }
            try readToken(&brackets)
        }
    }

    private mutating func readToken(_ brackets: inout [String]) throws(ImpRAGError) {
        let first = source[place]
        if first == "\"" || first == "'" { return try readString(quote: first) }
        if first == "_" || first.properties.isXIDStart {
            add(.name(take { $0 == "_" || $0.properties.isXIDContinue }))
        } else if ("0"..."9").contains(first) {
            let digits = take { ("0"..."9").contains($0) || $0 == "_" || $0 == "." || $0.properties.isXIDContinue }
            if let value = Int(digits) {
                add(.integer(value))
            } else if digits.contains("."), digits.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }),
                let value = Double(digits), value.isFinite
            {
                add(.float(value))
            } else {
                throw failure("\(digits.prefix(40)) is no number that is supported; 12 and 1.5 are such numbers")
            }
        } else if let symbol = Self.symbols.first(where: { stands($0, at: place) }) {
            switch symbol {
            case "(": brackets.append(")")
            case "[": brackets.append("]")
            case "{": brackets.append("}")
            case ")", "]", "}":
                guard brackets.popLast() == symbol else { throw failure("\(symbol) closes nothing") }
            default: break
            }
            add(.symbol(symbol))
            advance(to: place + symbol.utf8.count)
        } else {
            throw failure("\"\(first)\" is not supported")
        }
    }

    private mutating func take(while isPart: (Unicode.Scalar) -> Bool) -> String {
        var text = String.UnicodeScalarView()
        var next = place
        while next < end, isPart(source[next]) {
            text.append(source[next])
            next += 1
        }
        place = next
        return String(text)
    }

    private static let escapes: [Unicode.Scalar: Unicode.Scalar] = [
        "n": "\n", "t": "\t", "r": "\r", "\\": "\\", "'": "'", "\"": "\"", "a": "\u{7}", "b": "\u{8}", "f": "\u{C}",
        "v": "\u{B}",
    ]
    private static let hexadecimalDigits: [Unicode.Scalar: Int] = ["x": 2, "u": 4, "U": 8]

    private mutating func readString(quote: Unicode.Scalar) throws(ImpRAGError) {
        var text = String.UnicodeScalarView()
        var next = place + 1
        while next < end, source[next] != quote {
            guard source[next] == "\\", next + 1 < end else {
                text.append(source[next])
                next += 1
                continue
            }
            let mark = source[next + 1]
            next += 2
            if let scalar = Self.escapes[mark] {
                text.append(scalar)
            } else if let count = Self.hexadecimalDigits[mark] {
                let digits = source[next..<min(end, next + count)].map(String.init).joined()
                guard digits.utf8.count == count, let value = UInt32(digits, radix: 16),
                    let scalar = Unicode.Scalar(value)
                else { throw failure("\\\(mark)\(digits) is no character") }
                text.append(scalar)
                next += count
            } else {
                text.append("\\")
                text.append(mark)
            }
        }
        guard next < end else { throw failure("a string has no end; \(quote) ends it") }
        add(.string(String(text)))
        advance(to: next + 1)
    }
}
