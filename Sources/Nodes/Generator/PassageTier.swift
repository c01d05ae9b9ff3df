import Cluster
import Core
import Messaging
import Model
import Platform
import Synchronization
import Wire

/// Where passages' states come from: this process's memory, the shards, or computing them from the text, in this order.
///
/// The answer is the same whichever it is: a computed state is rounded as if it had been stored.
final class PassageTier: Sendable {
    private let model: ImpRAGModel
    private let coder: StateCoder
    /// Nil when states stay in this process.
    private let shards: StateShards?
    private let memory: Mutex<StateMemory>
    private let metrics: PassageTierMetrics
    /// For tokenizing and decoding: they take milliseconds, too long for the cooperative pool.
    private let pool: any Workers
    /// For encoding states for the shards, which no request waits for.
    private let storePool: any Workers
    /// The memory of states on their way to shards.
    private let storeMemory = ByteBudget(limit: storeLimit, remedy: "a smaller state_codec helps")
    /// The memory of states that shards sent for requests that still wait for a place.
    private let heldMemory: ByteBudget
    private let environment: NodeEnvironment
    private let log: @Sendable (String) -> Void

    /// How many requests may wait for a lookup of their passages, and how many states may wait to be encoded.
    static let queueLimit = 256
    /// The limit of `storeMemory`: part of the node's memory plan.
    static let storeLimit = ByteCount(128 << 20)
    /// The limit of `heldMemory`: part of the node's memory plan.
    static let heldLimit = ByteCount(512 << 20)
    /// The part of a request's time that shards may take.
    static let share = 0.25
    static let longestMilliseconds = 2000

    /// - Parameters:
    ///   - memory: bytes of states that are remembered.
    ///   - heldLimit: bytes of states that requests may hold before they have a place.
    init(
        model: ImpRAGModel, coder: StateCoder, memory: ByteCount, shards: StateShards?,
        heldLimit: ByteCount = PassageTier.heldLimit, metrics: MetricRegistry,
        on environment: NodeEnvironment = .system,
        log: @escaping @Sendable (String) -> Void
    ) throws(ImpRAGError) {
        self.model = model
        self.coder = coder
        self.shards = shards
        self.memory = Mutex(StateMemory(limit: memory))
        self.log = log
        let heldMemory = ByteBudget(limit: heldLimit, remedy: "ask for fewer passages")
        self.heldMemory = heldMemory
        self.metrics = try PassageTierMetrics(metrics, memory: memory, waiting: { heldMemory.waitingCount })
        self.environment = environment
        pool = try environment.workers(1, "states", queueLimit: Self.queueLimit)
        storePool = try environment.workers(1, "store-states", queueLimit: Self.queueLimit)
    }

    /// Whether states keep only half of their tokens.
    var prunes: Bool { coder.keepsHalf }

    func stop() {
        pool.stop()
        storePool.stop()
    }

    func join(deadline: Deadline) -> Bool {
        pool.join(milliseconds: deadline.remainingMilliseconds)
            && storePool.join(milliseconds: deadline.remainingMilliseconds)
    }

    /// A request's source of passage states, holding what the shards sent, and the passages' tokens.
    ///
    /// - Throws: `cancelled` when nobody waits any more; failing shards cost only time.
    func states(
        for passages: [Passage], encoding: PassageEncoding, of request: IncomingRequest
    ) async throws(ImpRAGError) -> (source: any PassageStateSource, sequences: [PassageSequence]) {
        let isIndependent = encoding == .independent
        let shards = isIndependent ? shards : nil
        let tokenizing = request.trace?.begin("tokenize", at: environment.clock.now)
        let (sequences, wanted) = try await onPool {
            () throws(ImpRAGError) -> ([PassageSequence], [StateKey: Wanted]) in
            let sequences = try self.model.sequences(of: passages)
            guard let shards else { return (sequences, [:]) }
            var wanted: [StateKey: Wanted] = [:]
            for (passage, sequence) in zip(passages, sequences) {
                wanted[self.key(of: sequence, isRounded: true)] = Wanted(
                    shard: shards.shard(of: passage.id), tokenCount: sequence.tokens.count)
            }
            return (sequences, wanted)
        }
        if let tokenizing { request.trace?.end(tokenizing, at: environment.clock.now) }
        guard shards != nil else { return (RequestStates(self, isRounded: isIndependent), sequences) }
        let missing = memory.withLock { memory in wanted.filter { memory.state(for: $0.key) == nil } }
        let fetching = request.trace?.begin("states", at: environment.clock.now)
        let held = try await held(missing, request.onwardTrace, request.deadline)
        if let fetching {
            request.trace?.end(
                fetching, at: environment.clock.now, [TraceSpan.Attribute("imprag.passages", held.states.count)])
        }
        return (RequestStates(self, isRounded: true, owners: wanted.mapValues(\.shard), held: held), sequences)
    }

    /// A state in this process.
    func remembered(_ key: StateKey) -> EncodedPassage? {
        memory.withLock { $0.state(for: key) }
    }

    private func remember(_ state: EncodedPassage, _ key: StateKey) {
        memory.withLock { memory in
            memory.insert(state, for: key)
            metrics.entries.set(memory.count)
            metrics.bytes.set(memory.bytes)
        }
    }

    /// Counts what a request found.
    func count(remembered: Int, fetched: Int) {
        metrics.remembered.add(remembered)
        metrics.fetched.add(fetched)
    }

    /// Keeps a state that was just computed; returns the state to use in its place.
    ///
    /// - Parameters:
    ///   - isRounded: whether to round it as a stored state is; otherwise only this process keeps it, unrounded.
    ///   - shard: the one to store it in; nil for none.
    func keep(_ state: EncodedPassage, for key: StateKey, isRounded: Bool, shard: String?) -> EncodedPassage {
        metrics.computed.add()
        let kept = isRounded ? coder.rounded(state) : state
        remember(kept, key)
        // Stores the state as computed: a rounded one need not encode to the same bytes again.
        if let shard, shards?.keeps(shard) == true { store(state, key, shard) }
        return kept
    }

    /// SHA-256 over everything that decides a state's bytes, except the model, whose fingerprint goes with every
    /// message.
    func key(of sequence: PassageSequence, isRounded: Bool) -> StateKey {
        stateKey(of: sequence, coder: isRounded ? coder : nil)
    }

    // MARK: - Shards

    /// A passage's state to look up in the shards.
    private struct Wanted {
        /// The one that would keep it.
        let shard: String
        let tokenCount: Int
    }

    /// The missing states that shards have, once there is room for them.
    private func held(
        _ missing: [StateKey: Wanted], _ trace: TraceContext?, _ deadline: Deadline
    ) async throws(ImpRAGError) -> RequestStates.Held {
        // Encoded and decoded: for a moment both are in memory.
        let size = ByteCount(
            missing.values.reduce(0) {
                $0 + coder.byteCount(tokens: $1.tokenCount)
                    + model.model.passageBytes([$1.tokenCount], encoding: .independent)
            })
        // Too large to ever fit: read from text instead.
        guard !missing.isEmpty, size <= heldMemory.limit else { return RequestStates.Held() }
        let reservation = try await ByteReservation.waiting(
            size, of: heldMemory, for: "stored passage states", waiterLimit: Self.queueLimit)
        return RequestStates.Held(states: await fetch(missing, trace, deadline), reservation: reservation)
    }

    private func fetch(
        _ missing: [StateKey: Wanted], _ trace: TraceContext?, _ deadline: Deadline
    ) async -> [StateKey: EncodedPassage] {
        guard let shards else { return [:] }
        let milliseconds = max(
            1, min(Self.longestMilliseconds, Int(Double(deadline.remainingMilliseconds) * Self.share)))
        let fetchDeadline = Deadline.after(milliseconds: milliseconds, on: deadline.clock)
        return await withTaskGroup(of: [StateKey: EncodedPassage].self) { group in
            for (shard, keys) in Self.requests(for: missing) {
                group.addTask {
                    do throws(ImpRAGError) {
                        let found = try await shards.fetch(keys, from: shard, trace: trace, deadline: fetchDeadline)
                        return try await self.onPool { self.decoded(found, missing) }
                    } catch {
                        self.failed(shard, error)
                        return [:]
                    }
                }
            }
            var states: [StateKey: EncodedPassage] = [:]
            for await part in group { states.merge(part) { first, _ in first } }
            return states
        }
    }

    /// Requests to one shard at once: while one state is decoded here, the next one is on its way, and a third is read
    /// from the disk.
    private static let requestsToShard = 4

    /// Which shard is asked for which states; several times for some of them each.
    private static func requests(for missing: [StateKey: Wanted]) -> [(shard: String, keys: [StateKey])] {
        Dictionary(grouping: missing.keys, by: { missing[$0]?.shard ?? "" }).flatMap { shard, keys in
            let count = (keys.count + requestsToShard - 1) / requestsToShard
            return stride(from: 0, to: keys.count, by: count).map {
                (shard: shard, keys: Array(keys[$0..<min($0 + count, keys.count)]))
            }
        }
    }

    /// What shards sent, as far as it can be read; it is remembered too.
    private func decoded(_ found: [StateKey: Tensor], _ missing: [StateKey: Wanted]) -> [StateKey: EncodedPassage] {
        var states: [StateKey: EncodedPassage] = [:]
        for (key, tensor) in found {
            guard let wanted = missing[key], let state = decoded(tensor, wanted) else { continue }
            states[key] = state
            remember(state, key)
        }
        return states
    }

    private func decoded(_ tensor: Tensor, _ wanted: Wanted) -> EncodedPassage? {
        do throws(ImpRAGError) {
            let state = try tensor.withBytes("state") { bytes throws(ImpRAGError) in try coder.decode(bytes) }
            guard state.tokenCount == wanted.tokenCount else {
                throw ImpRAGError(
                    .dataLoss,
                    "it is of \(state.tokenCount) tokens, but its passage has \(wanted.tokenCount)")
            }
            return state
        } catch {
            metrics.damaged.add()
            log("a state that \(wanted.shard) keeps is damaged and is computed again: \(error.message)")
            return nil
        }
    }

    private func failed(_ shard: String, _ error: ImpRAGError) {
        // That the request ended is no failure of the shard.
        guard error.code != .cancelled else { return }
        metrics.failures.add()
    }

    private func store(_ state: EncodedPassage, _ key: StateKey, _ shard: String) {
        guard let shards else { return }
        do throws(ImpRAGError) {
            let reservation = try ByteReservation(
                ByteCount(state.byteCount + coder.byteCount(tokens: state.tokenCount)), of: storeMemory,
                for: "a state that is stored")
            try storePool.submit { [self] in
                let bytes = coder.encode(state)
                environment.task { [self] in
                    defer { reservation.release() }
                    do throws(ImpRAGError) {
                        let isStored = try await shards.store(bytes, for: key, in: shard)
                        if isStored { metrics.stored.add() }
                    } catch {
                        failed(shard, error)
                    }
                }
            }
        } catch {
            metrics.dropped.add()
        }
    }

    private func onPool<Value: Sendable>(
        _ body: @escaping @Sendable () throws(ImpRAGError) -> Value
    ) async throws(ImpRAGError) -> Value {
        let promise = Promise<Value>()
        try pool.submit { promise.fulfil(body) }
        return try await promise.value()
    }
}
