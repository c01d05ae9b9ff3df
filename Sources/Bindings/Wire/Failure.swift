import CWire
public import Core

/// Ends a request: what went wrong.
public struct Failure: Hashable, Sendable {
    public var code: ErrorCode
    /// What was wrong and what would be right.
    public var message: String
    /// The node where it went wrong, perhaps one behind the node that answers.
    public var node: String
    /// When it is worth asking again; 0: nobody knows.
    public var retryAfterMilliseconds: UInt32

    public init(
        code: ErrorCode, message: String, node: String, retryAfterMilliseconds: UInt32 = 0
    ) {
        self.code = code
        self.message = message
        self.node = node
        self.retryAfterMilliseconds = retryAfterMilliseconds
    }
}

extension Failure: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__Failure>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        self.init(
            code: try unsafe ErrorCode(stored: stored.code, "failure.code"),
            message: try unsafe checkedText(stored.message, "failure.message"),
            node: try unsafe checkedText(stored.node, "failure.node"),
            retryAfterMilliseconds: unsafe stored.retry_after_ms)
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__Failure> {
        let stored = unsafe arena.make(imprag__failure__init)
        unsafe stored.pointee.code = code.stored
        unsafe stored.pointee.message = arena.bytes(of: message)
        unsafe stored.pointee.node = arena.bytes(of: node)
        unsafe stored.pointee.retry_after_ms = retryAfterMilliseconds
        return unsafe stored
    }
}
