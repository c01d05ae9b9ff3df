import Core
import Regex

/// Patterns as the `tokenizers` package reads them, rewritten for PCRE2.
///
/// That package runs Oniguruma 6.9 with its own syntax and Unicode 16. The two agree on nearly all that tokenizers use;
/// this rewrites what they read differently, and refuses what PCRE2 would silently take for something else.
struct OnigurumaPattern {
    /// Unicode's White_Space. PCRE2's `\s` also has U+180E, which has not been a space since Unicode 6.3.
    private static let space =
        #"\x{09}-\x{0D}\x{20}\x{85}\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}"#
    private static let digit = category("Nd")
    private static let alphabetic =
        #"\p{Alphabetic}"# + RecentCharacters.ranges(ofCategory: "L") + RecentCharacters.alphabeticMarks
    private static let posixWord = alphabetic + category("M") + category("Nd") + category("Pc")
    /// A `\w` outside a class also finds Latin-1's raised digits and fractions.
    private static let word = posixWord + #"\x{B2}\x{B3}\x{B9}\x{BC}-\x{BE}"#

    private static func category(_ name: String) -> String {
        "\\p{\(name)}" + RecentCharacters.ranges(ofCategory: name)
    }

    private let characters: [Unicode.Scalar]
    private var index = 0
    private var output = ""

    /// The same language in PCRE2's notation (with Unicode properties and `^`, `$` at line feeds).
    ///
    /// Throws `invalidArgument` for what has no counterpart, such as set operations inside a class.
    static func translated(_ pattern: String) throws(ImpRAGError) -> String {
        var translation = OnigurumaPattern(characters: Array(pattern.unicodeScalars))
        try translation.translate()
        return translation.output
    }

    private init(characters: [Unicode.Scalar]) {
        self.characters = characters
    }

    /// The character `distance` after the present one.
    private func peek(_ distance: Int = 0) -> Unicode.Scalar? {
        index + distance < characters.count ? characters[index + distance] : nil
    }

    private mutating func copy() {
        if let character = peek() { output.unicodeScalars.append(character) }
        index += 1
    }

    private mutating func translate() throws(ImpRAGError) {
        while let character = peek() {
            switch character {
            case "\\": try translateEscape(isInClass: false)
            case "[": try translateClass()
            case "(" where peek(1) == "?": translateGroup()
            case "{" where peek(1) == ",":
                // `{,n}`: from none to n; plain text for PCRE2.
                output += "{0"
                index += 1
            case "}" where peek(1) == "+":
                throw Self.unsupported("\"+\" directly after \"}\" (a repeated repetition)")
            default: copy()
            }
        }
    }

    /// `(?flags)`: what PCRE2 calls `s` (the dot matches line feeds) is `m` here.
    private mutating func translateGroup() {
        copy()
        copy()
        let start = index
        while let character = peek(), "imx-".unicodeScalars.contains(character) { index += 1 }
        let isFlags = peek() == ":" || peek() == ")"
        for character in characters[start..<index] {
            output.unicodeScalars.append(isFlags && character == "m" ? "s" : character)
        }
    }

    private mutating func translateClass() throws(ImpRAGError) {
        copy()
        if peek() == "^" { copy() }
        // A bracket that comes first means itself.
        if peek() == "]" { copy() }
        while let character = peek() {
            switch character {
            case "]":
                copy()
                return
            case "\\": try translateEscape(isInClass: true)
            case "[" where peek(1) == ":": try translatePOSIXClass()
            case "[": throw Self.unsupported("a class inside a class")
            case "&" where peek(1) == "&": throw Self.unsupported("an intersection (&&) inside a class")
            default: copy()
            }
        }
    }

    private mutating func translatePOSIXClass() throws(ImpRAGError) {
        var name = ""
        index += 2
        while let character = peek(), character != ":" {
            name.unicodeScalars.append(character)
            index += 1
        }
        index += 2
        switch name {
        case "alpha": output += Self.alphabetic
        case "digit": output += Self.digit
        case "alnum": output += Self.alphabetic + Self.digit
        case "punct": output += Self.category("P") + Self.category("S")
        case "space": output += Self.space
        case "word": output += Self.posixWord
        default: throw Self.unsupported("[:\(name):]")
        }
    }

    private mutating func translateEscape(isInClass: Bool) throws(ImpRAGError) {
        index += 1
        guard let letter = peek() else {
            output += "\\"
            return
        }
        index += 1
        switch letter {
        case "s", "S": try append(Self.space, isNegated: letter == "S", isInClass, #"\P{White_Space}"#)
        case "h", "H": try append("0-9a-fA-F", isNegated: letter == "H", isInClass, #"\P{ASCII_Hex_Digit}"#)
        case "d", "D": try append(Self.digit, isNegated: letter == "D", isInClass, nil)
        case "w", "W": try append(isInClass ? Self.posixWord : Self.word, isNegated: letter == "W", isInClass, nil)
        case "b" where !isInClass:
            output += "(?:(?<=[\(Self.word)])(?![\(Self.word)])|(?<![\(Self.word)])(?=[\(Self.word)]))"
        case "p" where peek() == "{", "P" where peek() == "{":
            try translateProperty(isNegated: letter == "P", isInClass)
        // The two disagree on where emoji sequences end.
        case "X": throw Self.unsupported(#"\X"#)
        case "p", "P": throw Self.unsupported("\"\\\(letter)\" without braces")
        default:
            output += "\\"
            output.unicodeScalars.append(letter)
        }
    }

    private mutating func translateProperty(isNegated: Bool, _ isInClass: Bool) throws(ImpRAGError) {
        var name = ""
        index += 1
        while let character = peek(), character != "}" {
            name.unicodeScalars.append(character)
            index += 1
        }
        index += 1
        var isNegated = isNegated
        if name.hasPrefix("^") {
            name.removeFirst()
            isNegated.toggle()
        }
        // Scripts are those that characters belong to; PCRE2 means by the bare name also those that they are used in.
        if name.count > 2, (try? Regex("\\p{sc:\(name)}")) != nil { name = "sc:\(name)" }
        let set = ["Alphabetic", "Alpha"].contains(name) ? Self.alphabetic : Self.category(name)
        try append(set, isNegated: isNegated, isInClass, "\\P{\(name)}")
    }

    /// Appends a set that is written for the inside of a class.
    ///
    /// - Parameter negated: its complement inside a class; nil where there is none.
    private mutating func append(
        _ set: String, isNegated: Bool, _ isInClass: Bool, _ negated: String?
    ) throws(ImpRAGError) {
        if !isInClass {
            output += isNegated ? "[^\(set)]" : "[\(set)]"
        } else if !isNegated {
            output += set
        } else if let negated {
            output += negated
        } else {
            throw Self.unsupported(#"\D or \W inside a class"#)
        }
    }

    private static func unsupported(_ what: String) -> ImpRAGError {
        ImpRAGError(.invalidArgument, "\(what) is not supported in a pattern")
    }
}
