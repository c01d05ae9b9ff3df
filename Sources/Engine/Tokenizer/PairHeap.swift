/// Pairs of a long word, the lowest rank on top, the leftmost first among equals: a binary heap in an array.
struct PairHeap: Sendable {
    /// Rank in the upper half, place in the lower.
    private var keys: [UInt64] = []

    mutating func removeAll(keepingCapacity keeps: Bool) {
        keys.removeAll(keepingCapacity: keeps)
    }

    /// Adds without ordering; `order` must follow before anything is popped.
    mutating func append(rank: UInt32, place: Int) {
        keys.append(Self.key(rank, place))
    }

    mutating func order() {
        for index in stride(from: keys.count / 2 - 1, through: 0, by: -1) { siftDown(index) }
    }

    mutating func push(rank: UInt32, place: Int) {
        let key = Self.key(rank, place)
        keys.append(key)
        var child = keys.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            if keys[parent] <= key { break }
            keys[child] = keys[parent]
            child = parent
        }
        keys[child] = key
    }

    mutating func popLowest() -> (rank: UInt32, place: Int)? {
        guard let lowest = keys.first, let last = keys.popLast() else { return nil }
        if !keys.isEmpty {
            keys[0] = last
            siftDown(0)
        }
        return (UInt32(truncatingIfNeeded: lowest >> 32), Int(UInt32(truncatingIfNeeded: lowest)))
    }

    private mutating func siftDown(_ start: Int) {
        let key = keys[start]
        var parent = start
        while true {
            var child = parent * 2 + 1
            guard child < keys.count else { break }
            if child + 1 < keys.count, keys[child + 1] < keys[child] { child += 1 }
            if key <= keys[child] { break }
            keys[parent] = keys[child]
            parent = child
        }
        keys[parent] = key
    }

    private static func key(_ rank: UInt32, _ place: Int) -> UInt64 {
        UInt64(rank) << 32 | UInt64(UInt32(truncatingIfNeeded: place))
    }
}
