public import Core
import Platform
import Synchronization

/// A number of bytes that requests in flight share; what they hold never exceeds it.
public final class ByteBudget: Sendable {
    public let limit: ByteCount
    private let remedy: String
    private let state = Mutex(State())

    private struct State {
        var used = 0
        /// First come, first served.
        var waiters: [Waiter] = []

        /// Grants the first waiters their bytes from what is free. Returns them: their promises are settled outside the
        /// lock.
        mutating func grant(within limit: Int) -> [Waiter] {
            var granted: [Waiter] = []
            while let first = waiters.first, first.bytes <= limit - used {
                used += first.bytes
                granted.append(waiters.removeFirst())
            }
            return granted
        }
    }

    private final class Waiter: Sendable {
        let bytes: Int
        let promise = Promise<Void>()

        init(bytes: Int) {
            self.bytes = bytes
        }
    }

    /// - Parameter remedy: advice for a request larger than the whole budget, as in "raise max_state_memory".
    public init(limit: ByteCount, remedy: String) {
        self.limit = limit
        self.remedy = remedy
    }

    /// Reserves `size` until `release`. Throws `resourceExhausted` when it does not fit now.
    public func reserve(_ size: ByteCount, for what: String) throws(ImpRAGError) {
        guard !takeNow(size.bytes) else { return }
        throw ImpRAGError(
            .resourceExhausted,
            "\(what) needs \(size), but requests in flight share \(limit), of which \(ByteCount(usedBytes)) are taken; "
                + (size > limit ? remedy : "try again later"))
    }

    /// Reserves `size` until `release`, waiting for it in order of arrival. Throws `resourceExhausted` for more than
    /// the whole budget or behind `waiterLimit` others, `cancelled` when its task is.
    func wait(for size: ByteCount, what: String, waiterLimit: Int) async throws(ImpRAGError) {
        guard size <= limit else { return try reserve(size, for: what) }
        let waiter = Waiter(bytes: size.bytes)
        let isQueued = try state.withLock { state throws(ImpRAGError) in
            if state.waiters.isEmpty, size.bytes <= limit.bytes - state.used {
                state.used += size.bytes
                return false
            }
            guard state.waiters.count < waiterLimit else {
                throw ImpRAGError(
                    .resourceExhausted,
                    "\(waiterLimit) requests already wait for \(what), which is the limit; try again later")
            }
            state.waiters.append(waiter)
            return true
        }
        guard isQueued else { return }
        do throws(ImpRAGError) {
            try await waiter.promise.value()
        } catch {
            // Cancelled, perhaps just after the bytes were granted.
            let wasGranted = state.withLock { state in
                let place = state.waiters.firstIndex { $0 === waiter }
                if let place { state.waiters.remove(at: place) }
                return place == nil
            }
            release(ByteCount(wasGranted ? waiter.bytes : 0))
            throw error
        }
    }

    public func release(_ size: ByteCount) {
        let granted = state.withLock { state in
            state.used -= size.bytes
            return state.grant(within: limit.bytes)
        }
        for waiter in granted { waiter.promise.fulfil(.success(())) }
    }

    public var usedBytes: Int { state.withLock { $0.used } }

    /// Requests that wait for bytes.
    public var waitingCount: Int { state.withLock { $0.waiters.count } }

    private func takeNow(_ bytes: Int) -> Bool {
        state.withLock { state in
            // Waiters come first.
            guard state.waiters.isEmpty, bytes <= limit.bytes - state.used else { return false }
            state.used += bytes
            return true
        }
    }
}
