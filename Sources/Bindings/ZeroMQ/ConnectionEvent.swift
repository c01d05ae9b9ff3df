import CZeroMQ

/// What a monitored socket reports about its connection.
public enum ConnectionEvent: Sendable {
    /// Somebody listens there; the handshake follows.
    case reached
    /// Nobody listens there.
    case refused
    /// The handshake is complete.
    case connected
    case disconnected

    /// Reads the first frame of a monitor's message: a 16-bit event number, then a 32-bit value. Nil for other events.
    public init?(_ bytes: RawSpan) {
        guard bytes.byteCount >= 2 else { return nil }
        let number = unsafe Int32(bytes.unsafeLoadUnaligned(as: UInt16.self))
        switch number {
        case ZMQ_EVENT_CONNECTED: self = .reached
        case ZMQ_EVENT_CLOSED: self = .refused
        case ZMQ_EVENT_HANDSHAKE_SUCCEEDED: self = .connected
        case ZMQ_EVENT_DISCONNECTED: self = .disconnected
        default: return nil
        }
    }
}
