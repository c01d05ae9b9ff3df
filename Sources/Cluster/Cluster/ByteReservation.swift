public import Core
import Synchronization

/// A share of a `ByteBudget` that one request holds, given back once: on release, or with its last reference.
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

    /// Waits until it fits, in order of arrival.
    ///
    /// - Throws: `resourceExhausted` for more than the whole budget, or behind `waiterLimit` others; `cancelled` when
    ///   its task is.
    public static func waiting(
        _ size: ByteCount, of budget: ByteBudget, for what: String, waiterLimit: Int
    ) async throws(ImpRAGError) -> ByteReservation {
        try await budget.wait(for: size, what: what, waiterLimit: waiterLimit)
        return ByteReservation(taken: size, of: budget)
    }

    private init(taken size: ByteCount, of budget: ByteBudget) {
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
