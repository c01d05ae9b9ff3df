public import Core
public import Wire

/// The cause of a `resourceExhausted` that will pass: when it is worth asking again.
public struct RetryAfter: Error, Hashable, Sendable, CustomStringConvertible {
    public let milliseconds: Int

    /// Rounded up.
    public init(_ duration: Duration) {
        milliseconds = Int((duration / .milliseconds(1)).rounded(.up))
    }

    public var description: String { "try again in \(milliseconds) ms" }
}

/// The cause of an error that another node reported: which node that was.
public struct RemoteFailure: Error, Hashable, Sendable, CustomStringConvertible {
    public let node: String
    /// When it is worth asking again; nil: nobody knows.
    public let retryAfterMilliseconds: Int?

    public init(node: String, retryAfterMilliseconds: Int? = nil) {
        self.node = node
        self.retryAfterMilliseconds = retryAfterMilliseconds
    }

    public var description: String { node.isEmpty ? "reported by the peer" : "reported by \(node)" }
}

extension Failure {
    /// What goes over the wire for `error`. A failure that came from another node keeps that node's name.
    public init(_ error: ImpRAGError, node: String) {
        switch error.cause {
        case let remote as RemoteFailure where !remote.node.isEmpty:
            self.init(
                code: error.code, message: error.message, node: remote.node,
                retryAfterMilliseconds: UInt32(clamping: remote.retryAfterMilliseconds ?? 0))
        case let retry as RetryAfter:
            self.init(
                code: error.code, message: error.message, node: node,
                retryAfterMilliseconds: UInt32(clamping: retry.milliseconds))
        case let cause:
            let reason = cause.map { " (\($0))" } ?? ""
            self.init(code: error.code, message: error.message + reason, node: node)
        }
    }

    /// The error that a caller sees, with `RemoteFailure` as its cause.
    public var error: ImpRAGError {
        let retry = retryAfterMilliseconds > 0 ? Int(retryAfterMilliseconds) : nil
        return ImpRAGError(code, message, cause: RemoteFailure(node: node, retryAfterMilliseconds: retry))
    }
}
