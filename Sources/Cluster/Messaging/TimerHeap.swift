import Core

/// Timers, soonest first.
///
/// A timer that is no longer needed stays in until it is due, or until `compact` finds too many of them.
struct TimerHeap<Key: Sendable>: Sendable {
    private struct Entry: HeapElement, Sendable {
        let instant: ContinuousClock.Instant
        let key: Key

        func isAbove(_ other: Entry) -> Bool { instant < other.instant }
    }

    private var entries = Heap<Entry>()

    var count: Int { entries.count }

    var next: ContinuousClock.Instant? { entries.top?.instant }

    /// - Complexity: O(log n).
    mutating func add(_ key: Key, at instant: ContinuousClock.Instant) {
        entries.insert(Entry(instant: instant, key: key))
    }

    /// Removes and returns the first key that is due at `now`.
    ///
    /// - Complexity: O(log n).
    mutating func popDue(at now: ContinuousClock.Instant) -> Key? {
        guard let first = entries.top, first.instant <= now else { return nil }
        return entries.popTop()?.key
    }

    /// Drops the keys that are not needed once they may be more than half of the heap; `live` counts the needed ones.
    ///
    /// - Complexity: O(n), at most once for every n/2 keys added.
    mutating func compact(live: Int, isNeeded: (Key) -> Bool) {
        guard entries.count > 2 * live + 1024 else { return }
        let kept = entries.elements.filter { isNeeded($0.key) }
        entries.removeAll()
        for entry in kept { entries.append(entry) }
        entries.order()
    }
}
