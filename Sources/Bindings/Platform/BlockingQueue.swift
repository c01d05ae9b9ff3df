import Glibc

/// A bounded, closable FIFO queue between threads, which does not spin while it is empty.
///
/// Consumers block, so they must be dedicated threads, never tasks of the cooperative pool.
// Sendable: every access to the state lies between lock and unlock of `mutex`, whose memory lives as long as the queue.
@safe public final class BlockingQueue<Element: Sendable>: @unchecked Sendable {
    /// What `push` did with an element.
    public enum Push: Sendable, Equatable { case accepted, full, closed }

    /// The capacity, beyond which `push` refuses.
    public let limit: Int
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let changed: UnsafeMutablePointer<pthread_cond_t>
    private var elements: [Element] = []
    private var isClosed = false

    public init(limit: Int) {
        precondition(limit > 0, "a queue that holds \(limit) elements cannot pass any on")
        self.limit = limit
        unsafe mutex = .allocate(capacity: 1)
        unsafe changed = .allocate(capacity: 1)
        unsafe pthread_mutex_init(mutex, nil)
        unsafe pthread_cond_init(changed, nil)
    }

    deinit {
        unsafe pthread_cond_destroy(changed)
        unsafe pthread_mutex_destroy(mutex)
        unsafe changed.deallocate()
        unsafe mutex.deallocate()
    }

    /// Appends an element unless the queue is full or closed. Does not wait for room.
    public func push(_ element: Element) -> Push {
        locked {
            if isClosed { return .closed }
            if elements.count >= limit { return .full }
            elements.append(element)
            unsafe pthread_cond_signal(changed)
            return .accepted
        }
    }

    /// Blocks until there is an element; nil once the queue is closed and empty.
    public func pop() -> Element? {
        pop(upTo: 1, waiting: true).first
    }

    /// Up to `count` elements, as many as there are. With `waiting` it blocks until there is one or the queue is
    /// closed.
    public func pop(upTo count: Int, waiting: Bool) -> [Element] {
        locked {
            while waiting && elements.isEmpty && !isClosed { unsafe pthread_cond_wait(changed, mutex) }
            let taken = Array(elements.prefix(max(0, count)))
            elements.removeFirst(taken.count)
            return taken
        }
    }

    /// Refuses new elements and lets consumers take what is left. Returns how many are left.
    @discardableResult
    public func close() -> Int {
        locked {
            isClosed = true
            unsafe pthread_cond_broadcast(changed)
            return elements.count
        }
    }

    /// Whether `close` was called.
    public var closed: Bool { locked { isClosed } }

    /// Elements in the queue now.
    public var count: Int { locked { elements.count } }

    private func locked<Value>(_ body: () -> Value) -> Value {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return body()
    }
}
