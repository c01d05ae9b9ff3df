/// The one error that modules throw to each other: what went wrong, where, and what would be right.
public struct ImpRAGError: Error, Sendable, CustomStringConvertible {
    public let code: ErrorCode
    /// A whole sentence for a person: what was wrong, where (file and line, field, offset), what would be right.
    public let message: String
    /// What a library below said, if this error wraps one.
    public let cause: (any Error)?

    public init(_ code: ErrorCode, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    /// `code: message (cause)`, as the command line prints it.
    public var description: String {
        guard let cause else { return "\(code.rawValue): \(message)" }
        return "\(code.rawValue): \(message) (\(cause))"
    }
}
