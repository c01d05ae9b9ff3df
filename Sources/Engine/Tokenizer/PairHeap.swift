import Core

/// Pairs of a long word, the lowest rank on top, the leftmost first among equals.
struct PairHeap: Sendable {
    private struct Pair: HeapElement, Sendable {
        /// Rank in the upper half, place in the lower.
        let key: UInt64

        init(_ rank: UInt32, _ place: Int) {
            key = UInt64(rank) << 32 | UInt64(UInt32(truncatingIfNeeded: place))
        }

        func isAbove(_ other: Pair) -> Bool { key < other.key }
    }

    private var pairs = Heap<Pair>()

    mutating func removeAll(keepingCapacity keeps: Bool) {
        pairs.removeAll(keepingCapacity: keeps)
    }

    /// Adds without ordering; `order` must follow before anything is popped.
    mutating func append(rank: UInt32, place: Int) {
        pairs.append(Pair(rank, place))
    }

    mutating func order() {
        pairs.order()
    }

    mutating func push(rank: UInt32, place: Int) {
        pairs.insert(Pair(rank, place))
    }

    mutating func popLowest() -> (rank: UInt32, place: Int)? {
        guard let key = pairs.popTop()?.key else { return nil }
        return (UInt32(truncatingIfNeeded: key >> 32), Int(UInt32(truncatingIfNeeded: key)))
    }
}
