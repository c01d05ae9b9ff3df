import Synchronization

/// How often something has happened since the node started. Any thread may add to it, without a lock.
public final class Counter: Sendable {
    private let count = Atomic(0)

    public init() {}

    /// - Parameter number: not negative.
    public func add(_ number: Int = 1) {
        precondition(number >= 0, "a counter only grows, and \(number) was to be added")
        count.wrappingAdd(number, ordering: .relaxed)
    }

    public var value: Int { count.load(ordering: .relaxed) }
}
