import Synchronization

/// The bytes of all bodies that have arrived and whose requests are not answered in whole, within a limit. What was
/// only announced does not count: a few clients that announce much and send nothing would keep all others out.
final class BodyBytes: Sendable {
    private let limit: Int
    private let count = Atomic(0)

    init(limit: Int) {
        self.limit = limit
    }

    /// Whether there is no room for as many more.
    func isFull(with bytes: Int) -> Bool { count.load(ordering: .relaxed) + bytes > limit }

    /// Counts `bytes` more, unless they do not fit.
    func take(_ bytes: Int) -> Bool {
        guard count.add(bytes, ordering: .relaxed).newValue > limit else { return true }
        give(bytes)
        return false
    }

    func give(_ bytes: Int) { count.subtract(bytes, ordering: .relaxed) }
}
