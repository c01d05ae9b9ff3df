import Cluster
import Core
import Platform
import Storage
import Synchronization

/// Follows the collection's log: applies every segment to the shard's partitions, in order, on a thread of its own.
///
/// It looks when somebody tells of an epoch, and now and then by itself. What it cannot read or apply stays next.
final class LogFollower: Sendable {
    private struct Waiter {
        let epoch: Int
        let promise: Promise<Void>
    }

    private struct State {
        var engines: [any SearchEngine]
        /// All partitions have everything up to here.
        var applied: Int
        /// The epoch that is being applied to the partitions of when it began; `applied` when none is. Its segment is
        /// there.
        var begun: Int
        var appliedBytes = 0
        /// The newest epoch that somebody told of.
        var told = 0
        var isQueued = false
        var waiters: [Waiter] = []
        /// By epoch, partition and update.
        var outcomes: [Int: [Int: [Int: UpdateOutcome]]] = [:]
        /// How many they are in all, and the oldest epoch that may have some.
        var outcomeCount = 0
        var oldestOutcome = 0
        /// Why it does not get further, while it does not.
        var trouble: ImpRAGError?
        /// Whether it is a replica that keeps it from going on, and not the log.
        var hasReplicaFailed = false
        var isStopped = false

        /// Remembers what the updates of `epoch` did, and forgets what is old or too much.
        mutating func remember(_ new: [Int: [Int: UpdateOutcome]], of epoch: Int) {
            outcomes[epoch] = new
            outcomeCount += new.values.reduce(0) { $0 + $1.count }
            oldestOutcome = max(oldestOutcome, epoch - LogFollower.outcomeLimit - 1)
            while oldestOutcome < epoch,
                outcomeCount > LogFollower.outcomeCountLimit || oldestOutcome <= epoch - LogFollower.outcomeLimit
            {
                outcomeCount -= outcomes.removeValue(forKey: oldestOutcome)?.values.reduce(0) { $0 + $1.count } ?? 0
                oldestOutcome += 1
            }
        }
    }

    private let log: CollectionLog
    private let writer: any Workers
    private let environment: NodeEnvironment
    private let report: @Sendable (String) -> Void
    private let lost: @Sendable () -> Void
    private let poll = Poll()
    private let state: Mutex<State>

    /// Between looks without news.
    static let interval = Duration.seconds(1)
    /// Epochs whose outcomes are remembered, for those who ask what their update did.
    static let outcomeLimit = 256
    /// Outcomes of updates in partitions that are remembered at most, beyond those of one epoch.
    static let outcomeCountLimit = 1 << 16
    /// What they take.
    static let outcomeMemory = ByteCount(128 * outcomeCountLimit)
    private static let readMilliseconds = 10_000

    /// - Parameters:
    ///   - log: with the identity of the engines' collection.
    ///   - start: where to begin when there are no engines yet.
    ///   - report: takes lines for the operator.
    ///   - lost: called when these replicas can never go on: the log has left them behind, or is another collection's,
    ///     or a write to one failed, after which it takes none until it is opened again.
    init(
        _ log: CollectionLog, engines: [any SearchEngine], from start: Int = 0, on environment: NodeEnvironment,
        report: @escaping @Sendable (String) -> Void, lost: @escaping @Sendable () -> Void = {}
    ) throws(ImpRAGError) {
        self.log = log
        self.environment = environment
        self.report = report
        self.lost = lost
        writer = try environment.workers(1, "follow-log", queueLimit: 4)
        let applied = engines.map(\.epoch).min() ?? start
        state = Mutex(State(engines: engines, applied: applied, begun: applied))
    }

    /// All partitions have everything up to this epoch.
    var applied: Int { state.withLock { $0.applied } }

    /// Bytes of the segments that were applied so far by this process. A small one counts for what a file takes at
    /// least.
    var appliedBytes: Int { state.withLock { $0.appliedBytes } }

    /// How many epochs it is known to be behind.
    var lag: Int { state.withLock { max(0, $0.told - $0.applied) } }

    /// Why it does not get further, while it does not.
    var trouble: ImpRAGError? { state.withLock { $0.trouble } }

    /// Looks now and then from now on, until `stop`.
    func start() {
        poll.start(every: Self.interval, of: self, on: environment) { $0.look() }
    }

    func stop() {
        state.withLock { $0.isStopped = true }
        poll.stop()
        writer.stop()
    }

    func join(milliseconds: Int) -> Bool {
        writer.join(milliseconds: milliseconds)
    }

    /// Takes note that the log has reached `epoch`.
    func hear(of epoch: Int) {
        let isNews = state.withLock { state in
            state.told = max(state.told, epoch)
            return state.applied < epoch
        }
        if isNews { look() }
    }

    /// Returns once all partitions have everything up to `epoch`.
    ///
    /// - Throws: what keeps a segment from being applied, and `cancelled` when the caller's task ends before.
    func reach(_ epoch: Int) async throws(ImpRAGError) {
        let promise = Promise<Void>()
        let isThere = state.withLock { state in
            state.told = max(state.told, epoch)
            if state.applied >= epoch { return true }
            state.waiters.removeAll { $0.promise.isSettled }
            state.waiters.append(Waiter(epoch: epoch, promise: promise))
            return false
        }
        guard !isThere else { return }
        look()
        try await promise.value()
    }

    /// What the update `update` of the segment `epoch` did, by partition; less than all partitions when this process
    /// did not apply it, or long ago.
    func outcomes(of update: Int, at epoch: Int) -> [Int: UpdateOutcome] {
        state.withLock { $0.outcomes[epoch]?.compactMapValues { $0[update] } ?? [:] }
    }

    /// Applies all that is there. Blocks; for the start of a node, before it serves.
    ///
    /// - Throws: what keeps it from being read or applied.
    func catchUp() throws(ImpRAGError) {
        // Whatever stands before the newest epoch and is not there is lost.
        let head = try log.head(deadline: readDeadline)
        try Self.require(head, for: state.withLock { $0.engines })
        try applyAll()
    }

    /// Brings one more partition to where the others are, and keeps it there from then on. Blocks; the others go on
    /// meanwhile.
    ///
    /// - Throws: what keeps its segments from being read or applied; `failedPrecondition` when the log has left it
    ///   behind.
    func add(_ engine: any SearchEngine) throws(ImpRAGError) {
        try Self.require(try log.head(deadline: readDeadline), for: [engine])
        while true {
            // An epoch that is being applied goes to the partitions of before.
            let goal = state.withLock { state in
                if engine.epoch >= state.begun { state.engines.append(engine) }
                return state.begun
            }
            guard engine.epoch < goal else { return }
            while engine.epoch < goal, !isStopped {
                let epoch = engine.epoch + 1
                guard let entry = try log.entry(epoch, partitions: [engine.partition], deadline: readDeadline) else {
                    throw ImpRAGError(.unavailable, "the segment of epoch \(epoch) is not there yet")
                }
                _ = try engine.apply(entry.changes[engine.partition] ?? [], epoch: epoch)
            }
            if isStopped { throw ImpRAGError(.cancelled, "this node stops") }
        }
    }

    /// Leaves a partition where it is.
    func remove(_ partition: Int) {
        state.withLock { $0.engines.removeAll { $0.partition == partition } }
    }

    /// Throws when engines have more than the log.
    private static func require(_ head: Int, for engines: [any SearchEngine]) throws(ImpRAGError) {
        let newest = engines.map(\.epoch).max() ?? 0
        guard newest <= head else {
            throw ImpRAGError(
                .dataLoss,
                "this shard has changes up to epoch \(newest), and the log of its index ends at \(head): acknowledged updates are gone "
                    + "from the store. Bring them back there, or delete the shard's replicas to go on without them")
        }
    }

    // MARK: Private

    private func look() {
        let isQueued = state.withLock { state in
            defer { state.isQueued = true }
            return state.isQueued
        }
        guard !isQueued else { return }
        do throws(ImpRAGError) {
            try writer.submit { [weak self] in self?.work() }
        } catch {
            // It stops.
        }
    }

    /// Runs on the follower's thread.
    private func work() {
        state.withLock { $0.isQueued = false }
        do throws(ImpRAGError) {
            try applyAll()
            // Somebody told of an epoch that is not there. Where later ones are, one is lost: the next try says so.
            if lag > 0, !isStopped {
                let head = try log.head(deadline: readDeadline)
                if head > applied { try applyAll() }
                // Or it is yet to come, and whoever waits for it looks again.
                state.withLock { $0.told = min($0.told, max(head, $0.applied)) }
            }
            settle(nil)
        } catch  where error.code == .failedPrecondition {
            // The log has left this replica behind, or is another one by now; or the disk failed it.
            settle(ImpRAGError(error.code, "\(error.message); this shard has to be started again", cause: error))
            lost()
        } catch {
            settle(error)
        }
    }

    private var readDeadline: Deadline { .after(milliseconds: Self.readMilliseconds, on: environment.clock) }

    private var isStopped: Bool { state.withLock { $0.isStopped } }

    /// Applies all segments that are there, one after the other, until `stop`.
    private func applyAll() throws(ImpRAGError) {
        while !isStopped, try applyNext() {}
    }

    /// Applies the next segment. Returns false when there is none.
    private func applyNext() throws(ImpRAGError) -> Bool {
        let (epoch, partitions) = state.withLock { ($0.applied + 1, Set($0.engines.map(\.partition))) }
        guard let entry = try log.entry(epoch, partitions: partitions, deadline: readDeadline) else { return false }
        let engines = state.withLock { state -> [any SearchEngine]? in
            guard state.engines.allSatisfy({ partitions.contains($0.partition) }) else { return nil }
            state.begun = epoch
            return state.engines
        }
        // Another one came while it was being read: once more, with what it has for that one.
        guard let engines else { return true }
        var outcomes: [Int: [Int: UpdateOutcome]] = [:]
        // One after a failure may have it already.
        for engine in engines where engine.epoch < epoch {
            do throws(ImpRAGError) {
                outcomes[engine.partition] = try engine.apply(entry.changes[engine.partition] ?? [], epoch: epoch)
            } catch {
                state.withLock { $0.hasReplicaFailed = true }
                throw error
            }
        }
        let reached = state.withLock { state in
            state.applied = epoch
            state.appliedBytes += max(StoredCollection.leastSegmentBytes, entry.byteCount)
            state.told = max(state.told, epoch)
            state.remember(outcomes, of: epoch)
            defer { state.waiters.removeAll { $0.epoch <= epoch } }
            return state.waiters.filter { $0.epoch <= epoch }
        }
        for waiter in reached { waiter.promise.fulfil(.success(())) }
        return true
    }

    /// Notes what keeps it from going on, once, and tells those who wait for it.
    private func settle(_ error: ImpRAGError?) {
        let (isNews, waiters) = state.withLock { state -> (Bool, [Waiter]) in
            let isReplica = state.hasReplicaFailed
            defer { (state.trouble, state.hasReplicaFailed) = (error, false) }
            // Messages have figures that change with every try.
            let isNews = error.map { $0.code != state.trouble?.code } ?? (state.trouble != nil)
            // What may pass by itself is waited for, as long as the caller likes: the store is away. A replica that
            // cannot be written to does not come back by itself.
            guard let error, isReplica || error.code != .unavailable && error.code != .deadlineExceeded else {
                return (isNews, [])
            }
            defer { state.waiters = [] }
            return (isNews, state.waiters)
        }
        if isNews {
            let words = error.map { "cannot follow the log beyond epoch \(applied): \($0)" }
            report(words ?? "follows the log again, at epoch \(applied)")
        }
        guard let error else { return }
        for waiter in waiters {
            waiter.promise.fulfil(
                .failure(ImpRAGError(error.code, "epoch \(waiter.epoch) is not applied yet: \(error.message)")))
        }
    }
}
