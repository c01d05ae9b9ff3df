import CZeroMQ

/// What a monitored socket reports about its connection.
public enum ConnectionEvent: Sendable, Equatable {
    /// Why a handshake failed.
    public enum Failure: Sendable, Equatable {
        /// The peer knows our key, and does not let it in.
        case keyRefused
        /// One side uses keys, the other does not.
        case otherMechanism
        /// The peer broke off. One that cannot decrypt what it gets, since the server's key is another, does so without
        /// a word; so does one that stops.
        case brokenOff
        case other
    }

    /// Somebody listens there; the handshake follows.
    case reached
    /// Nobody listens there.
    case refused
    /// The handshake is complete.
    case connected
    /// The handshake failed; `disconnected` follows.
    case failed(Failure)
    case disconnected

    /// Those that `init` knows.
    static let mask =
        ZMQ_EVENT_CONNECTED | ZMQ_EVENT_CLOSED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED
        | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL
        | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL

    /// Reads the first frame of a monitor's message: a 16-bit event number, then a 32-bit value. Nil for other events.
    public init?(_ bytes: RawSpan) {
        guard bytes.byteCount >= 2 else { return nil }
        let number = unsafe Int32(bytes.unsafeLoadUnaligned(as: UInt16.self))
        let value =
            bytes.byteCount >= 6 ? unsafe bytes.unsafeLoadUnaligned(fromByteOffset: 2, as: Int32.self) : 0
        switch number {
        case ZMQ_EVENT_CONNECTED: self = .reached
        case ZMQ_EVENT_CLOSED: self = .refused
        case ZMQ_EVENT_HANDSHAKE_SUCCEEDED: self = .connected
        case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH: self = .failed(.keyRefused)
        case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
            // The value is an errno; a handshake that takes too long has none of these.
            self = .failed(value == EPIPE || value == ECONNRESET ? .brokenOff : .other)
        case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
            self = .failed(value == ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH ? .otherMechanism : .other)
        case ZMQ_EVENT_DISCONNECTED: self = .disconnected
        default: return nil
        }
    }
}
