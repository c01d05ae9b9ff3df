/// Moments to wake at, soonest first: a binary heap.
///
/// What is no longer needed stays in until its moment, or until `compact` finds too much of it.
struct TimerHeap<Key: Sendable>: Sendable {
    private var entries: [(instant: ContinuousClock.Instant, key: Key)] = []

    var count: Int { entries.count }

    var next: ContinuousClock.Instant? { entries.first?.instant }

    /// - Complexity: O(log n).
    mutating func add(_ key: Key, at instant: ContinuousClock.Instant) {
        entries.append((instant, key))
        var child = entries.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard entries[child].instant < entries[parent].instant else { return }
            entries.swapAt(child, parent)
            child = parent
        }
    }

    /// Removes and returns the first key whose moment is not after `now`.
    ///
    /// - Complexity: O(log n).
    mutating func popDue(at now: ContinuousClock.Instant) -> Key? {
        guard let first = entries.first, first.instant <= now else { return nil }
        let last = entries.removeLast()
        guard !entries.isEmpty else { return first.key }
        entries[0] = last
        var parent = 0
        while true {
            var smallest = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < entries.count && entries[child].instant < entries[smallest].instant {
                smallest = child
            }
            guard smallest != parent else { return first.key }
            entries.swapAt(parent, smallest)
            parent = smallest
        }
    }

    /// Drops the keys that `isNeeded` denies, when more than half of the heap may be such; `live` is their number.
    ///
    /// - Complexity: O(n), at most once for every n/2 keys added.
    mutating func compact(live: Int, isNeeded: (Key) -> Bool) {
        guard entries.count > 2 * live + 1024 else { return }
        let kept = entries.filter { isNeeded($0.key) }
        entries = []
        for entry in kept { add(entry.key, at: entry.instant) }
    }
}
