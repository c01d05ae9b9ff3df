import CZeroMQ

/// Wakes another thread from its poll. Shared by all threads.
public final class Waker: Sendable {
    let descriptor: Int32

    public init() throws(ZeroMQError) {
        descriptor = imprag_eventfd_create()
        guard descriptor >= 0 else { throw ZeroMQError("eventfd") }
    }

    deinit {
        close(descriptor)
    }

    public func signal() {
        imprag_eventfd_signal(descriptor)
    }

    /// Clears all signals so far.
    public func clear() {
        imprag_eventfd_clear(descriptor)
    }
}
