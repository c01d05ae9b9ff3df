/// A received frame that many may read; its bytes stay in ZeroMQ's memory.
@safe public final class Frame: @unchecked Sendable {
    // Sendable: the message is never changed after it is received, reading its bytes is a plain read, and libzmq
    // counts references atomically, so the last owner may close it on any thread.
    private let message: Message

    public init(_ message: consuming Message) {
        self.message = message
    }

    public var byteCount: Int { message.byteCount }

    /// See `Message.userID`.
    public var userID: String? { message.userID }

    /// Lends the bytes to `body`.
    public func withBytes<Value: ~Copyable, Failure>(_ body: (RawSpan) throws(Failure) -> Value) throws(Failure)
        -> Value
    {
        // The span does not keep this object alive, and the optimizer may end an object after its last use.
        defer { withExtendedLifetime(self) {} }
        return try message.withBytes(body)
    }

    /// The bytes as numbers in this machine's byte order (little-endian wherever we run); bytes beyond the last whole
    /// number are dropped.
    public func numbers<Number: BitwiseCopyable>(_ type: Number.Type = Number.self) -> [Number] {
        defer { withExtendedLifetime(self) {} }
        return message.withBytes { bytes in
            let count = bytes.byteCount / MemoryLayout<Number>.stride
            return unsafe [Number](unsafeUninitializedCapacity: count) { target, initialized in
                unsafe bytes.withUnsafeBytes { source in
                    // Received bytes need not be aligned for the type, so they are copied as bytes.
                    unsafe UnsafeMutableRawBufferPointer(target).copyMemory(
                        from: UnsafeRawBufferPointer(rebasing: source.prefix(count * MemoryLayout<Number>.stride)))
                }
                initialized = count
            }
        }
    }
}
