internal import Core
internal import PassageStore
internal import Synchronization

/// Reads passages for their vectors and, where states are wanted, in the same pass through the model for their states, which
/// it stores beside the partitions. One thread uses it.
///
/// A state may come to the disk before its passage does; when the run ends between the two, the next one finds the state there.
final class PassageReader: Sendable {
    struct Reading {
        /// `[passages × dimension]`, as the model gave them.
        let vectors: [Float]
        /// Passages whose states were computed and stored.
        var statesStored = 0
    }

    /// Stores of states, one a shard, and what computes what goes there.
    struct States {
        let encoder: any PassageStateEncoder
        let stores: [StateStore]
    }

    private let embedder: any PassageEmbedder
    private let states: States?
    /// Shards whose budget is used up.
    private let full = Mutex<Set<Int>>([])

    init(_ embedder: any PassageEmbedder, states: States? = nil) {
        self.embedder = embedder
        self.states = states
    }

    func read(_ passages: [Passage], of shard: Int) throws(ImpRAGError) -> Reading {
        guard let states, !isFull(shard) else { return Reading(vectors: try embedder.embed(passages)) }
        let (encoder, store) = (states.encoder, states.stores[shard])
        let keys = try encoder.keys(of: passages)
        let missing = passages.indices.filter { store.size(of: keys[$0]) == nil }
        var stored = 0
        func keep(_ state: [UInt8], _ place: Int) throws(ImpRAGError) {
            guard !isFull(shard) else { return }
            guard try store.add(state, for: keys[place]) else {
                full.withLock { _ = $0.insert(shard) }
                return
            }
            stored += 1
        }
        guard missing.count < passages.count else {
            let vectors = try encoder.read(passages) { place, state throws(ImpRAGError) in try keep(state, place) }
            return Reading(vectors: vectors, statesStored: stored)
        }
        // Vectors of a batch come from one call, which they may depend on; an earlier run has stored the rest of the states.
        let vectors = try embedder.embed(passages)
        _ = try encoder.read(missing.map { passages[$0] }) { place, state throws(ImpRAGError) in
            try keep(state, missing[place])
        }
        return Reading(vectors: vectors, statesStored: stored)
    }

    /// Brings stored states to the disk.
    func flush() throws(ImpRAGError) {
        for store in states?.stores ?? [] { try store.flush() }
    }

    private func isFull(_ shard: Int) -> Bool { full.withLock { $0.contains(shard) } }
}

extension StateStore {
    /// Stores a state for which nothing that is there has to go; false when there is no room for it.
    ///
    /// - Throws: `resourceExhausted` when the disk is full, and what `insert` throws.
    func add(_ state: [UInt8], for key: StateKey) throws(ImpRAGError) -> Bool {
        guard hasRoom(for: state.count) else { return false }
        guard try insert(state, for: key) else {
            throw ImpRAGError(
                .resourceExhausted,
                "the disk of \(path) is too full to store states safely; make room and run the same command again, it goes on "
                    + "where it stopped, or give it a smaller --state-budget")
        }
        return true
    }
}
