public import Core
import Synchronization

/// A share of a `ByteBudget` that one request holds, given back once: when released, or with its last reference.
public final class ByteReservation: Sendable {
    private let size: ByteCount
    private let budget: ByteBudget
    private let isReleased = Atomic(false)

    /// Throws `resourceExhausted` when it does not fit now.
    public init(_ size: ByteCount, of budget: ByteBudget, for what: String) throws(ImpRAGError) {
        try budget.reserve(size, for: what)
        self.size = size
        self.budget = budget
    }

    deinit {
        release()
    }

    public func release() {
        if !isReleased.exchange(true, ordering: .relaxed) { budget.release(size) }
    }
}
