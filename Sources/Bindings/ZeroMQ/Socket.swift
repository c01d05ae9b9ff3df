import CZeroMQ

/// A libzmq socket. Owned by one thread at a time; it may be handed over between threads through a lock.
///
/// Nothing here blocks: sending returns `false` and receiving nil when it would.
@safe public final class Socket {
    public enum Kind: Sendable {
        case router, dealer, pair
        /// Answers one request after the other.
        case reply
        /// Plain TCP bytes, without ZeroMQ's framing: each message is a routing id and some bytes.
        case stream
    }

    private let context: Context
    let raw: UnsafeMutableRawPointer

    public init(_ kind: Kind, in context: Context) throws(ZeroMQError) {
        let type =
            switch kind {
            case .router: ZMQ_ROUTER
            case .dealer: ZMQ_DEALER
            case .pair: ZMQ_PAIR
            case .reply: ZMQ_REP
            case .stream: ZMQ_STREAM
            }
        guard let created = unsafe zmq_socket(context.raw, type) else { throw ZeroMQError("zmq_socket") }
        unsafe raw = created
        self.context = context
    }

    deinit {
        unsafe zmq_close(raw)
    }

    public func set(_ options: SocketOption...) throws(ZeroMQError) {
        for option in options {
            let (name, wide, isWide) = option.raw
            var value = wide
            var narrow = Int32(truncatingIfNeeded: wide)
            let result =
                if isWide {
                    unsafe zmq_setsockopt(raw, name, &value, MemoryLayout<Int64>.size)
                } else {
                    unsafe zmq_setsockopt(raw, name, &narrow, MemoryLayout<Int32>.size)
                }
            guard result == 0 else { throw ZeroMQError("zmq_setsockopt") }
        }
    }

    public func bind(_ endpoint: String) throws(ZeroMQError) {
        guard unsafe zmq_bind(raw, endpoint) == 0 else { throw ZeroMQError("zmq_bind") }
    }

    /// Starts connecting in the background.
    public func connect(_ endpoint: String) throws(ZeroMQError) {
        guard unsafe zmq_connect(raw, endpoint) == 0 else { throw ZeroMQError("zmq_connect") }
    }

    /// Ends what `connect` began, and any connection that came of it.
    public func disconnect(_ endpoint: String) throws(ZeroMQError) {
        guard unsafe zmq_disconnect(raw, endpoint) == 0 else { throw ZeroMQError("zmq_disconnect") }
    }

    /// The address of the last `bind`, with the port that the system chose.
    public func lastEndpoint() throws(ZeroMQError) -> String {
        var buffer = [UInt8](repeating: 0, count: 1024)
        var length = buffer.count
        let result = unsafe buffer.withUnsafeMutableBytes { bytes in
            unsafe zmq_getsockopt(raw, ZMQ_LAST_ENDPOINT, bytes.baseAddress, &length)
        }
        guard result == 0 else { throw ZeroMQError("zmq_getsockopt") }
        return String(decoding: buffer.prefix(max(0, length - 1)), as: UTF8.self)
    }

    /// Sends a frame if the socket can take it now.
    ///
    /// Only the first frame of a message can find the socket full: the others always go with it.
    ///
    /// - Returns: false when it is full or has no connection; `message` is then gone.
    /// - Throws: `isUnreachable` from a ROUTER whose peer left.
    public func send(_ message: consuming Message, more: Bool) throws(ZeroMQError) -> Bool {
        while true {
            if unsafe zmq_msg_send(message.raw, raw, ZMQ_DONTWAIT | (more ? ZMQ_SNDMORE : 0)) >= 0 { return true }
            let error = ZeroMQError("zmq_msg_send")
            if error.code == EINTR { continue }
            if error.wouldBlock { return false }
            throw error
        }
    }

    /// The next frame, or nil when none is queued.
    public func receive() throws(ZeroMQError) -> Message? {
        let message = Message()
        while true {
            if unsafe zmq_msg_recv(message.raw, raw, ZMQ_DONTWAIT) >= 0 { return message }
            let error = ZeroMQError("zmq_msg_recv")
            if error.code == EINTR { continue }
            if error.wouldBlock { return nil }
            throw error
        }
    }

    /// Reports connections made, failed and lost to the PAIR socket that connects to `endpoint` (`inproc://…`).
    public func monitor(at endpoint: String) throws(ZeroMQError) {
        guard unsafe zmq_socket_monitor(raw, endpoint, ConnectionEvent.mask) == 0 else {
            throw ZeroMQError("zmq_socket_monitor")
        }
    }

    /// Ends `monitor`; must be called before the socket is closed.
    public func stopMonitor() {
        unsafe zmq_socket_monitor(raw, nil, 0)
    }
}
