/// Why there is no response.
public struct HTTPError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Kind: Sendable {
        /// Nobody could be reached: the server knows nothing of the request.
        case unreachable
        /// The connection broke on the way: the server may have done what was asked.
        case interrupted
        /// The deadline passed; the server may have done what was asked.
        case timeout
        /// The server is not who it should be, by its certificate.
        case untrusted
        /// The body is larger than the caller takes.
        case tooLarge
        /// libcurl refuses the request.
        case invalid
    }

    public let kind: Kind
    public let reason: String

    public var description: String { reason }
}
