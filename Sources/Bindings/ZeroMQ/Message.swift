import CZeroMQ

/// One frame: not copyable, so its bytes have exactly one owner.
@safe public struct Message: ~Copyable {
    // On the heap because it must not move: ZeroMQ keeps short bodies inside `zmq_msg_t` itself.
    let raw: UnsafeMutablePointer<zmq_msg_t>

    /// Empty, to be received into.
    init() {
        unsafe raw = .allocate(capacity: 1)
        unsafe zmq_msg_init(raw)
    }

    /// A copy of `bytes`.
    public init(copying bytes: RawSpan) throws(ZeroMQError) {
        unsafe raw = .allocate(capacity: 1)
        guard unsafe zmq_msg_init_size(raw, bytes.byteCount) == 0 else {
            let error = ZeroMQError("zmq_msg_init_size")
            unsafe zmq_msg_init(raw)
            throw error
        }
        unsafe bytes.withUnsafeBytes { source in
            if let start = source.baseAddress, source.count > 0 {
                unsafe zmq_msg_data(raw).copyMemory(from: start, byteCount: source.count)
            }
        }
    }

    /// Lends `numbers` to ZeroMQ, which reads them without a copy and releases them, and `companion`, after sending.
    public init<Number: BitwiseCopyable & Sendable>(
        lending numbers: [Number], companion: (any AnyObject & Sendable)? = nil
    ) throws(ZeroMQError) {
        unsafe raw = .allocate(capacity: 1)
        // The elements of a native array are in the heap buffer that the array value retains. The owner keeps that
        // value, never changes it, and is released by ZeroMQ after its last read, so the address stays valid.
        let owner = unsafe Unmanaged.passRetained(ArrayOwner(numbers, companion))
        let failed = unsafe numbers.withUnsafeBytes { source -> Int32 in
            guard let start = source.baseAddress, source.count > 0 else {
                unsafe owner.release()
                return unsafe zmq_msg_init(raw)
            }
            return unsafe zmq_msg_init_data(
                raw, UnsafeMutableRawPointer(mutating: start), source.count,
                { _, hint in
                    if let hint = unsafe hint { unsafe Unmanaged<AnyObject>.fromOpaque(hint).release() }
                }, owner.toOpaque())
        }
        if failed != 0 {
            let error = ZeroMQError("zmq_msg_init_data")
            unsafe owner.release()
            unsafe zmq_msg_init(raw)
            throw error
        }
    }

    deinit {
        unsafe zmq_msg_close(raw)
        unsafe raw.deallocate()
    }

    public var byteCount: Int { unsafe zmq_msg_size(raw) }

    /// Whether another frame of the same multi-frame message follows this received one.
    public var hasMore: Bool { unsafe zmq_msg_more(raw) != 0 }

    /// Who sent it, as the handler of authentication called the peer; nil on a connection without keys.
    public var userID: String? {
        guard let text = unsafe zmq_msg_gets(raw, "User-Id") else { return nil }
        return unsafe String(cString: text)
    }

    /// Lends the bytes to `body`. A `RawSpan` cannot outlive the call; a pointer could.
    public borrowing func withBytes<Value: ~Copyable, Failure>(
        _ body: (RawSpan) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        let bytes = unsafe UnsafeRawBufferPointer(start: zmq_msg_data(raw), count: zmq_msg_size(raw))
        return try body(unsafe bytes.bytes)
    }
}

/// Keeps an array alive while ZeroMQ reads it.
private final class ArrayOwner<Number: BitwiseCopyable & Sendable>: Sendable {
    private let numbers: [Number]
    private let companion: (any AnyObject & Sendable)?

    init(_ numbers: [Number], _ companion: (any AnyObject & Sendable)?) {
        self.numbers = numbers
        self.companion = companion
    }
}
