import Core
import Model

/// An LRU cache of passage states in this process, bounded in bytes. Pure.
struct StateMemory {
    let limit: ByteCount
    private var states: [StateKey: EncodedPassage] = [:]
    private var ledger = StateLedger()

    init(limit: ByteCount) {
        self.limit = limit
    }

    var count: Int { ledger.count }
    var bytes: Int { ledger.bytes }

    mutating func state(for key: StateKey) -> EncodedPassage? {
        ledger.touch(key) ? states[key] : nil
    }

    /// Keeps a state and evicts others for it; one larger than the limit is not kept.
    mutating func insert(_ state: EncodedPassage, for key: StateKey) {
        guard states[key] == nil, state.byteCount <= limit.bytes else { return }
        for gone in ledger.makeRoom(for: state.byteCount, budget: limit.bytes) { states[gone] = nil }
        ledger.add(key, size: state.byteCount)
        states[key] = state
    }
}
