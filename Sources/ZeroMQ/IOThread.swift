import CZeroMQ

/// A thread with all signals blocked. Its owner joins it exactly once.
@safe public final class IOThread: @unchecked Sendable {
    // Sendable: the handle is set once; `join` is called once, by the owner.
    private let raw: UnsafeMutableRawPointer

    /// Starts `body` on a thread of its own.
    public init(_ body: @escaping @Sendable () -> Void) throws(ZeroMQError) {
        let work = unsafe Unmanaged.passRetained(Work(body))
        let started = unsafe zmq_threadstart(
            { argument in
                guard let argument = unsafe argument else { return }
                unsafe Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body()
            }, work.toOpaque())
        guard let started = unsafe started else {
            unsafe work.release()
            throw ZeroMQError("zmq_threadstart")
        }
        unsafe raw = started
    }

    /// Waits until the body has returned, and frees the thread. Not to be called on the thread itself.
    public func join() {
        unsafe zmq_threadclose(raw)
    }
}

private final class Work: Sendable {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) {
        self.body = body
    }
}
