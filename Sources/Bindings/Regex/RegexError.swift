/// What PCRE2 said, and in which call.
public struct RegexError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The C function that failed.
    public let call: String
    /// PCRE2's own number; negative for a failed match, positive for a pattern that does not compile.
    public let code: Int32
    public let message: String
    /// Where in the pattern the mistake is, in bytes; nil when it is not the pattern's.
    public let patternOffset: Int?

    init(call: String, code: Int32, message: String, patternOffset: Int? = nil) {
        self.call = call
        self.code = code
        self.message = message
        self.patternOffset = patternOffset
    }

    /// As in `pcre2_compile: missing closing parenthesis at byte 4 of the pattern`.
    public var description: String {
        guard let patternOffset else { return "\(call): \(message) (\(code))" }
        return "\(call): \(message) at byte \(patternOffset) of the pattern (\(code))"
    }
}
