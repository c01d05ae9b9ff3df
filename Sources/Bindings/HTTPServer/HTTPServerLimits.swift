/// What one server takes, so that no client can make it grow.
public struct HTTPServerLimits: Sendable {
    /// Connections at a time; more wait in the system's queue. Each takes a descriptor.
    public var connections = 256
    /// Memory of each connection for the head of a request and what is on its way out. A longer head is refused (431).
    public var connectionBytes = 16 << 10
    /// Bytes of one request's body (413), and of all that are being received or answered (503).
    public var bodyBytes = 1 << 20
    public var allBodyBytes = 64 << 20
    /// Bytes of a stream that its client has not taken yet; a slower client is cut off.
    public var streamBytes = 256 << 10
    /// A connection on which nothing moves for so long is closed. One whose answer is not there yet does not count.
    public var idleSeconds = 60
    /// How long a request may take to arrive once it could have, beyond `idleSeconds`, however busily it comes.
    public var arrivalSeconds = 60
    /// How long a client may take for what is left of an answer once all of it is there.
    public var takingSeconds = 120

    public init() {}
}
