internal import Core
internal import Storage
internal import Synchronization

/// Computes passages' vectors and, if wanted, in the same pass through the model their states, which it stores beside
/// the partitions. Used by one thread.
///
/// A state may reach the disk before its passage; if the run ends in between, the next one finds the state.
final class PassageReader: Sendable {
    struct Reading {
        /// `[passages × dimension]`, in float32.
        let vectors: [Float]
        /// Passages that the model truncated.
        let cut: Int
        /// Passages whose states were computed and stored.
        var statesStored = 0
    }

    /// The state stores, one per partition, and the encoder of states.
    struct States {
        let encoder: any PassageStateEncoder
        let stores: [StateStore]
    }

    private let embedder: any PassageEmbedder
    private let states: States?
    /// Partitions whose budget is exhausted.
    private let full = Mutex<Set<Int>>([])

    init(_ embedder: any PassageEmbedder, states: States? = nil) {
        self.embedder = embedder
        self.states = states
    }

    func read(_ passages: [Passage], of partition: Int) throws(ImpRAGError) -> Reading {
        let cut = try embedder.cutCount(of: passages)
        guard let states, !isFull(partition) else { return Reading(vectors: try embedder.embed(passages), cut: cut) }
        let added = try states.stores[partition].add(statesOf: passages, by: states.encoder)
        if added.isFull { full.withLock { _ = $0.insert(partition) } }
        // All vectors of a batch must come from one call: their bits may depend on it.
        let vectors = if let vectors = added.vectors { vectors } else { try embedder.embed(passages) }
        return Reading(vectors: vectors, cut: cut, statesStored: added.computed)
    }

    /// Makes stored states durable.
    func flush() throws(ImpRAGError) {
        for store in states?.stores ?? [] { try store.flush() }
    }

    private func isFull(_ partition: Int) -> Bool { full.withLock { $0.contains(partition) } }
}

extension StateStore {
    /// What storing passages' states did.
    struct Added {
        /// Passages whose states are stored now, and how many of them were computed.
        var stored: Int
        var computed = 0
        /// Whether there was no room for one.
        var isFull = false
        /// `[passages × dimension]`; nil unless all passages had to be read.
        var vectors: [Float]?
    }

    /// Computes and stores the passages' missing states, until there is no room.
    ///
    /// - Throws: what `encoder` throws, and as below.
    func add(
        statesOf passages: [Passage], by encoder: any PassageStateEncoder
    ) throws(ImpRAGError) -> Added {
        let keys = try encoder.keys(of: passages)
        let missing = passages.indices.filter { size(of: keys[$0]) == nil }
        var added = Added(stored: passages.count - missing.count)
        guard !missing.isEmpty else { return added }
        let vectors = try encoder.read(missing.map { passages[$0] }) { place, state throws(ImpRAGError) in
            guard !added.isFull else { return }
            guard try add(state, for: keys[missing[place]]) else {
                added.isFull = true
                return
            }
            added.computed += 1
        }
        added.stored += added.computed
        if missing.count == passages.count { added.vectors = vectors }
        return added
    }

    /// Stores a state without evicting others; false when there is no room for it.
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
