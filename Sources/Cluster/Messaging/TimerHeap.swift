import Core

/// Timers, soonest first.
///
/// A timer that is no longer needed stays in until it is due, or until `compact` finds too many of them.
struct TimerHeap<Key: Sendable>: Sendable {
    /// Small and without references, because the heap moves its elements often.
    private struct Entry: HeapElement, Sendable {
        /// Since `origin`.
        let time: Duration
        let slot: Int

        func isAbove(_ other: Entry) -> Bool { time < other.time }
    }

    private var entries = Heap<Entry>()
    /// By slot; nil where there is no timer.
    private var keys: [Key?] = []
    private var freeSlots: [Int] = []
    /// The time of the first timer.
    private var origin: ContinuousClock.Instant?

    var count: Int { entries.count }

    var next: ContinuousClock.Instant? {
        guard let first = entries.top, let origin else { return nil }
        return origin + first.time
    }

    /// - Complexity: O(log n).
    mutating func add(_ key: Key, at instant: ContinuousClock.Instant) {
        let origin = self.origin ?? instant
        self.origin = origin
        let slot = freeSlots.popLast() ?? keys.count
        if slot == keys.count { keys.append(key) } else { keys[slot] = key }
        entries.insert(Entry(time: instant - origin, slot: slot))
    }

    /// Removes and returns the first key that is due at `now`.
    ///
    /// - Complexity: O(log n).
    mutating func popDue(at now: ContinuousClock.Instant) -> Key? {
        guard let first = entries.top, let origin, first.time <= now - origin else { return nil }
        _ = entries.popTop()
        return take(first.slot)
    }

    private mutating func take(_ slot: Int) -> Key? {
        defer { keys[slot] = nil }
        freeSlots.append(slot)
        return keys[slot]
    }

    /// Drops the keys that are not needed once they may be more than half of the heap; `live` counts the needed ones.
    ///
    /// - Complexity: O(n), at most once for every n/2 keys added.
    mutating func compact(live: Int, isNeeded: (Key) -> Bool) {
        guard entries.count > 2 * live + 1024 else { return }
        let all = entries.elements
        entries.removeAll()
        for entry in all {
            if let key = keys[entry.slot], isNeeded(key) { entries.append(entry) } else { _ = take(entry.slot) }
        }
        entries.order()
    }
}
