/// The keys of a state cache with their sizes, in LRU order. Pure.
///
/// The order is a queue of uses. A stale use, superseded by a later one of the same key, stays until it reaches the
/// front or the queue is twice as long as needed, so every operation takes amortized constant time.
public struct StateLedger: Sendable {
    public struct Use: Sendable {
        public let key: StateKey
        /// Grows with every use.
        public let stamp: UInt64

        public init(key: StateKey, stamp: UInt64) {
            self.key = key
            self.stamp = stamp
        }
    }

    private struct Entry {
        let size: Int
        var stamp: UInt64
    }

    private var entries: [StateKey: Entry] = [:]
    private var queue: [Use] = []
    private var head = 0
    private var lastStamp: UInt64 = 0
    /// The sum of the sizes.
    public private(set) var bytes = 0

    public init() {}

    /// - Parameter uses: each key once, in any order. Impossible sizes and stamps are skipped.
    public init(_ uses: [(use: Use, size: Int)]) {
        for (use, size) in uses.sorted(by: { $0.use.stamp < $1.use.stamp }) {
            let (sum, overflow) = bytes.addingReportingOverflow(size)
            guard size >= 0, !overflow, use.stamp < .max / 2 else { continue }
            entries[use.key] = Entry(size: size, stamp: use.stamp)
            queue.append(use)
            bytes = sum
            lastStamp = use.stamp
        }
    }

    public var count: Int { entries.count }

    /// All keys, the least recently used first.
    public var keys: [StateKey] { queue[head...].filter(isCurrent).map(\.key) }

    /// The stamp of the next use.
    public var nextStamp: UInt64 { lastStamp + 1 }

    /// Nil when the key is not there.
    public func size(of key: StateKey) -> Int? { entries[key]?.size }

    /// Nil when the key is not there.
    public func stamp(of key: StateKey) -> UInt64? { entries[key]?.stamp }

    /// Makes `key` the most recently used. False when it is not there.
    public mutating func touch(_ key: StateKey) -> Bool {
        guard let place = entries.index(forKey: key) else { return false }
        lastStamp += 1
        entries.values[place].stamp = lastStamp
        append(Use(key: key, stamp: lastStamp))
        return true
    }

    /// Adds `key`, which is not there yet, as the most recently used.
    public mutating func add(_ key: StateKey, size: Int) {
        precondition(entries[key] == nil, "a state stands in the ledger already")
        lastStamp += 1
        entries[key] = Entry(size: size, stamp: lastStamp)
        bytes += size
        append(Use(key: key, stamp: lastStamp))
    }

    /// False when it was not there.
    public mutating func remove(_ key: StateKey) -> Bool {
        guard let entry = entries.removeValue(forKey: key) else { return false }
        bytes -= entry.size
        return true
    }

    /// Evicts the least recently used until `size` more bytes fit into `budget`. Returns the evicted keys.
    public mutating func makeRoom(for size: Int, budget: Int) -> [StateKey] {
        var gone: [StateKey] = []
        while bytes > budget - size, head < queue.count {
            let use = queue[head]
            head += 1
            guard isCurrent(use) else { continue }
            _ = remove(use.key)
            gone.append(use.key)
        }
        return gone
    }

    private mutating func append(_ use: Use) {
        queue.append(use)
        guard queue.count > 2 * entries.count + 64 else { return }
        queue = queue[head...].filter(isCurrent)
        head = 0
    }

    private func isCurrent(_ use: Use) -> Bool { entries[use.key]?.stamp == use.stamp }
}
