public import Core
public import Wire

/// The cause of an error that another node reported: which node that was.
public struct RemoteFailure: Error, Hashable, Sendable, CustomStringConvertible {
    public let node: String
    /// What was asked for is another coordinator's; see `OtherCollection`.
    public let isOtherCollection: Bool

    public init(node: String, isOtherCollection: Bool = false) {
        self.node = node
        self.isOtherCollection = isOtherCollection
    }

    public var description: String { node.isEmpty ? "reported by the peer" : "reported by \(node)" }
}

extension Failure {
    /// What goes over the wire for `error`. A failure that came from another node keeps that node's name.
    public init(_ error: ImpRAGError, node: String) {
        guard let remote = error.cause as? RemoteFailure, !remote.node.isEmpty else {
            let isOther = error.cause is OtherCollection
            let reason = isOther ? "" : error.cause.map { " (\($0))" } ?? ""
            self.init(code: error.code, message: error.message + reason, node: node, isOtherCollection: isOther)
            return
        }
        self.init(
            code: error.code, message: error.message, node: remote.node, isOtherCollection: remote.isOtherCollection)
    }

    /// The error that a caller sees, with `RemoteFailure` as its cause.
    public var error: ImpRAGError {
        ImpRAGError(code, message, cause: RemoteFailure(node: node, isOtherCollection: isOtherCollection))
    }
}
