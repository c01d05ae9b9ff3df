import Core

/// The `decoder` of a vocabulary that is written in characters: how tokens become text, one token after another.
///
/// Steps before `Fuse` see each token by itself, those after it the whole text. Buffers what is not certain yet: use a
/// value for one sequence of ids.
struct DecoderSteps: Sendable {
    /// A step that sees tokens.
    enum TokenStep: Sendable {
        case replace(Replacement)
        case strip(CharacterStrip)
        /// Removes the marks of the first token, or none, and makes spaces of the others.
        case metaspace(mark: [UInt8], removesFirst: Bool)
        /// Makes text of each run of tokens like `<0xE2>`.
        case byteFallback
    }

    /// A step that sees the text.
    enum TextStep: Sendable {
        /// The pattern is one character: whatever way the text comes in, it is never cut.
        case replace(Replacement)
        case strip(CharacterStrip)
    }

    private let tokenSteps: [TokenStep]
    private var textSteps: [TextStep]
    /// The bytes of byte tokens that came last. The whole run becomes U+FFFD if it turns out not to be UTF-8, as in the
    /// `tokenizers` package, so nothing of it is certain until another token comes.
    private var run: [UInt8] = []
    /// Whether each token step has seen a token.
    private var hasStarted: [Bool]

    init(tokenSteps: [TokenStep], textSteps: [TextStep]) {
        self.tokenSteps = tokenSteps
        self.textSteps = textSteps
        hasStarted = [Bool](repeating: false, count: tokenSteps.count)
    }

    /// Adds a token; appends the text that is certain now to `output`.
    mutating func append(_ token: [UInt8], to output: inout [UInt8]) {
        apply(token, from: 0, to: &output)
    }

    /// Appends the rest of the text. Nothing may be added after that.
    mutating func finish(into output: inout [UInt8]) {
        for (number, step) in tokenSteps.enumerated() {
            if case .byteFallback = step { endRun(number, to: &output) }
        }
        for index in textSteps.indices {
            // What a strip still holds back is what it strips.
            if case .strip(var strip) = textSteps[index] {
                strip.restart()
                textSteps[index] = .strip(strip)
            }
        }
    }

    /// What a token by itself brings to a text that has begun: of a byte token the byte.
    func bytes(of token: [UInt8]) -> [UInt8] {
        var token = token
        for step in tokenSteps {
            switch step {
            case .replace(let replacement): token = replacement.applied(to: token)
            case .strip(let strip): token = strip.applied(to: token)
            case .metaspace(let mark, _):
                token = Replacement(pattern: mark, content: [UInt8(ascii: " ")]).applied(to: token)
            case .byteFallback: if let byte = Self.byte(of: token) { return [byte] }
            }
        }
        // What is stripped of a text is stripped at its ends.
        for case .replace(let replacement) in textSteps { token = replacement.applied(to: token) }
        return token
    }

    /// Whether bytes are held back that are whole characters.
    var holdsWholeCharacters: Bool { !run.isEmpty && String(validating: run, as: UTF8.self) != nil }

    private mutating func apply(_ token: [UInt8], from first: Int, to output: inout [UInt8]) {
        var token = token
        for number in first..<tokenSteps.count {
            switch tokenSteps[number] {
            case .replace(let replacement): token = replacement.applied(to: token)
            case .strip(let strip): token = strip.applied(to: token)
            case .metaspace(let mark, let removesFirst):
                let removes = removesFirst && !hasStarted[number]
                token = Replacement(pattern: mark, content: removes ? [] : [UInt8(ascii: " ")]).applied(to: token)
                hasStarted[number] = true
            case .byteFallback:
                if let byte = Self.byte(of: token) {
                    run.append(byte)
                    return
                }
                endRun(number, to: &output)
            }
        }
        for index in textSteps.indices {
            switch textSteps[index] {
            case .replace(let replacement): token = replacement.applied(to: token)
            case .strip(var strip):
                token = strip.next(token)
                textSteps[index] = .strip(strip)
            }
        }
        output += token
    }

    private mutating func endRun(_ number: Int, to output: inout [UInt8]) {
        if run.isEmpty { return }
        let bytes = run
        run = []
        if String(validating: bytes, as: UTF8.self) != nil {
            apply(bytes, from: number + 1, to: &output)
        } else {
            for _ in bytes { apply(Array("\u{FFFD}".utf8), from: number + 1, to: &output) }
        }
    }

    /// 0xE2 for `<0xE2>`, in capitals or not.
    private static func byte(of token: [UInt8]) -> UInt8? {
        guard token.count == 6, token.starts(with: Array("<0x".utf8)), token[5] == UInt8(ascii: ">") else { return nil }
        let digits = String(decoding: token[3..<5], as: UTF8.self)
        return digits.hasPrefix("-") ? nil : UInt8(digits, radix: 16)
    }
}
