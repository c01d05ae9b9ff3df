import CZeroMQ
import Glibc

/// A libzmq context: its I/O threads, and the sockets made in it. Shared by all threads.
///
/// Freed with the last reference; every socket holds one.
@safe public final class Context: @unchecked Sendable {
    // Sendable: `zmq_ctx_*` and `zmq_socket` may be called from any thread.
    let raw: UnsafeMutableRawPointer

    /// - Parameter maxSockets: the most sockets that can be open.
    public init(ioThreads: Int32 = 1, maxSockets: Int32 = 1023) throws(ZeroMQError) {
        // A ROUTER counts connections up from a number that libzmq takes from `rand`, and seeds nothing: it would be
        // the same in every process. Whoever knows it can claim the next connection's routing id, and libzmq aborts the
        // process when that comes.
        srand(.random(in: .min ... .max))
        guard let created = unsafe zmq_ctx_new() else { throw ZeroMQError("zmq_ctx_new") }
        unsafe raw = created
        guard unsafe zmq_ctx_set(raw, ZMQ_IO_THREADS, ioThreads) == 0,
            unsafe zmq_ctx_set(raw, ZMQ_MAX_SOCKETS, maxSockets) == 0
        else {
            throw ZeroMQError("zmq_ctx_set")
        }
    }

    deinit {
        // Waits for the sockets' linger time, so no thread may be in a call on one: they hold references.
        while unsafe zmq_ctx_term(raw) != 0, zmq_errno() == EINTR {}
    }
}
