import CZeroMQ

/// The error of a libzmq call.
@safe public struct ZeroMQError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The C function.
    public let call: String
    /// Its `errno`.
    public let code: Int32
    /// libzmq's message for it.
    public let reason: String

    init(_ call: String, code: Int32) {
        self.call = call
        self.code = code
        reason = unsafe String(cString: zmq_strerror(code))
    }

    /// The error of the last call on this thread.
    init(_ call: String) {
        self.init(call, code: zmq_errno())
    }

    public var description: String { "\(call): \(reason)" }

    /// The operation would block.
    public var wouldBlock: Bool { code == EAGAIN }
    /// A ROUTER knows no connection with that routing id.
    public var isUnreachable: Bool { code == EHOSTUNREACH }
    /// The address is taken by another socket.
    public var isAddressInUse: Bool { code == EADDRINUSE }
}
