import Core
import Model

/// Passage states in this process: a bounded number of bytes, the least recently used go first. Pure.
struct StateMemory {
    private struct Entry {
        let state: EncodedPassage
        var use: Int
    }

    let limit: ByteCount
    private(set) var bytes = 0
    private var entries: [StateKey: Entry] = [:]
    /// Uses in their order; those that a later one of the same state overtook mean nothing any more.
    private var uses: [(key: StateKey, use: Int)] = []
    /// The first of `uses` that was not looked at.
    private var oldest = 0
    private var useCount = 0

    init(limit: ByteCount) {
        self.limit = limit
    }

    var count: Int { entries.count }

    mutating func state(for key: StateKey) -> EncodedPassage? {
        guard let entry = entries[key] else { return nil }
        touch(key)
        return entry.state
    }

    /// Keeps a state, and lets others go for it; one that is larger than the limit is not kept.
    mutating func insert(_ state: EncodedPassage, for key: StateKey) {
        guard entries[key] == nil, state.byteCount <= limit.bytes else { return }
        entries[key] = Entry(state: state, use: 0)
        bytes += state.byteCount
        touch(key)
        while bytes > limit.bytes, removeOldest() {}
    }

    private mutating func touch(_ key: StateKey) {
        useCount += 1
        entries[key]?.use = useCount
        uses.append((key, useCount))
        // Overtaken uses are dropped before they outnumber the states by much.
        guard uses.count > 64 + 4 * entries.count else { return }
        uses = uses[oldest...].filter { entries[$0.key]?.use == $0.use }
        oldest = 0
    }

    private mutating func removeOldest() -> Bool {
        while oldest < uses.count {
            let (key, use) = uses[oldest]
            oldest += 1
            guard let entry = entries[key], entry.use == use else { continue }
            entries[key] = nil
            bytes -= entry.state.byteCount
            return true
        }
        return false
    }
}
