import Cluster
import Core
import Model
import Synchronization

/// One request's source of passage states.
final class RequestStates: PassageStateSource {
    private let tier: PassageTier
    /// Whether states are rounded as stored ones are: those of passages read independently.
    private let isRounded: Bool
    /// The shard that keeps each state.
    private let owners: [StateKey: String]
    /// What shards sent, until it is used: `StateMemory` may have no room for it.
    private let held: Mutex<Held>

    struct Held {
        var states: [StateKey: EncodedPassage] = [:]
        /// For the bytes of `held`, while the request waits for a place among the answers.
        var reservation: ByteReservation?
    }

    init(_ tier: PassageTier, isRounded: Bool, owners: [StateKey: String] = [:], held: Held = Held()) {
        self.tier = tier
        self.isRounded = isRounded
        self.owners = owners
        self.held = Mutex(held)
    }

    var measuresAttention: Bool { isRounded && tier.prunes }

    func states(of sequences: [PassageSequence]) -> [Int: EncodedPassage] {
        // Handed out once: an answer that gives its memory back drops these too.
        let held = held.withLock { held in
            defer { held = Held() }
            return held.states
        }
        var states: [Int: EncodedPassage] = [:]
        var fetched = 0
        for (place, sequence) in sequences.enumerated() {
            let key = key(of: sequence)
            if let state = held[key] {
                states[place] = state
                fetched += 1
            } else if let state = tier.remembered(key) {
                states[place] = state
            }
        }
        tier.count(remembered: states.count - fetched, fetched: fetched)
        return states
    }

    func keep(_ state: EncodedPassage, of sequence: PassageSequence) -> EncodedPassage {
        let key = key(of: sequence)
        return tier.keep(state, for: key, isRounded: isRounded, shard: owners[key])
    }

    private func key(of sequence: PassageSequence) -> StateKey {
        tier.key(of: sequence, isRounded: isRounded)
    }
}
