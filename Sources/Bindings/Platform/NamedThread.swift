import CPlatform
public import Core
import Glibc

/// An operating-system thread for work that blocks or computes, visible by its name in `top -H`.
public final class NamedThread: Sendable {
    private let finished = BlockingQueue<Bool>(limit: 1)

    /// Starts a thread that runs `body` once.
    ///
    /// - Parameter name: at most 15 bytes are shown.
    /// - Throws: `resourceExhausted` when the system allows no more threads.
    public init(_ name: String, _ body: @escaping @Sendable () -> Void) throws(ImpRAGError) {
        let start = Start(name: String(decoding: name.utf8.prefix(15), as: UTF8.self), body: body, finished: finished)
        var attributes = pthread_attr_t()
        unsafe pthread_attr_init(&attributes)
        defer { unsafe pthread_attr_destroy(&attributes) }
        unsafe pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        // glibc's default of 8 MiB, which is address space, not memory; set here because other C libraries have less.
        unsafe pthread_attr_setstacksize(&attributes, 8 << 20)
        var identifier = pthread_t()
        let box = unsafe Unmanaged.passRetained(start)
        let result = unsafe pthread_create(
            &identifier, &attributes,
            { argument in
                guard let argument = unsafe argument else { return nil }
                unsafe NamedThread.run(argument).close()
                return nil
            }, box.toOpaque())
        guard result == 0 else {
            unsafe box.release()
            throw ImpRAGError(.resourceExhausted, "the thread \(name) cannot be started: \(systemMessage(result))")
        }
    }

    /// Runs the body of the `Start` at `argument` and releases it. The thread's end is signalled only afterwards,
    /// because whoever joins may rely on what the body held, such as a database's lock, being free. Not inlined: the
    /// optimizer could otherwise extend the body's lifetime past the caller's next call.
    @inline(never)
    private static func run(_ argument: UnsafeMutableRawPointer) -> BlockingQueue<Bool> {
        let start = unsafe Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
        unsafe imprag_name_thread(start.name)
        start.body()
        return start.finished
    }

    /// Blocks until `body` has returned and what it held is released. Not from the cooperative pool or the thread
    /// itself.
    public func join() {
        _ = finished.pop()
    }

    /// Blocks until `body` has returned, for at most `milliseconds`. Returns whether it has.
    public func join(milliseconds: Int) -> Bool {
        let deadline = Deadline.after(milliseconds: milliseconds)
        while !finished.closed {
            if deadline.hasPassed { return false }
            _ = waitForInput(on: [], milliseconds: 2)
        }
        return true
    }

    private final class Start: Sendable {
        let name: String
        let body: @Sendable () -> Void
        let finished: BlockingQueue<Bool>

        init(name: String, body: @escaping @Sendable () -> Void, finished: BlockingQueue<Bool>) {
            self.name = name
            self.body = body
            self.finished = finished
        }
    }
}
