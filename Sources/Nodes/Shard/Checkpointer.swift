import Cluster
import Core
import ObjectStore
import Platform
import Storage
import Synchronization

/// Writes new checkpoints of a shard's partitions, on a thread of its own, when the log behind the last ones has grown
/// long, and removes what no checkpoint needs any more.
final class Checkpointer: Sendable {
    private struct State {
        /// By place; nil for one that was taken away.
        var partitions: [Partition?]
        /// By place: the follower's bytes when the partition's newest checkpoint was made, negative for one that was
        /// made before this process began.
        var bases: [Int?]
        var watches: [ClaimWatch?]
        var lastFailure: String?
        var isStopped = false
    }

    private let collection: StoredCollection
    private let identity: CollectionIdentity
    private let follower: LogFollower
    private let limit: Int
    private let name: String
    private let environment: NodeEnvironment
    private let thread: any Workers
    private let renewer: any Workers
    private let report: @Sendable (String) -> Void
    private let poll = Poll()
    private let state: Mutex<State>

    static let interval = Duration.seconds(2)
    private static let storeMilliseconds = 30_000

    /// - Parameters:
    ///   - partitions: those that `follower` keeps up.
    ///   - limit: bytes of log that may follow a checkpoint.
    ///   - name: the node's, for its claims.
    ///   - report: takes lines for the operator.
    init(
        _ collection: StoredCollection, _ identity: CollectionIdentity, partitions: [Partition],
        follower: LogFollower, after limit: ByteCount, name: String, on environment: NodeEnvironment,
        report: @escaping @Sendable (String) -> Void
    ) throws(ImpRAGError) {
        self.collection = collection
        self.identity = identity
        self.follower = follower
        self.limit = limit.bytes
        self.name = name
        self.environment = environment
        self.report = report
        thread = try environment.workers(1, "checkpoint", queueLimit: 1)
        renewer = try environment.workers(1, "renew-claim", queueLimit: 1)
        state = Mutex(
            State(
                partitions: partitions, bases: partitions.map { _ in nil }, watches: partitions.map { _ in nil }))
    }

    /// Looks after one more partition, which the follower keeps up.
    func add(_ partition: Partition) {
        state.withLock { state in
            state.partitions.append(partition)
            state.bases.append(nil)
            state.watches.append(nil)
        }
    }

    /// Leaves a partition alone; a checkpoint of it that is being written is finished.
    func remove(_ number: Int) {
        state.withLock { state in
            for place in state.partitions.indices where state.partitions[place]?.number == number {
                state.partitions[place] = nil
            }
        }
    }

    /// Looks now and then from now on, until `stop`.
    func start() {
        poll.start(every: Self.interval, of: self, on: environment) { $0.look() }
    }

    private func look() {
        // Refused while a round is at work and another waits.
        try? thread.submit { [weak self] in self?.round() }
    }

    func stop() {
        state.withLock { $0.isStopped = true }
        poll.stop()
        thread.stop()
        renewer.stop()
    }

    func join(milliseconds: Int) -> Bool {
        thread.join(milliseconds: milliseconds) && renewer.join(milliseconds: milliseconds)
    }

    /// Writes the checkpoints that are due. Blocks.
    func round() {
        var failure: ImpRAGError?
        for place in state.withLock({ $0.partitions.indices }) where failure == nil && !state.withLock({ $0.isStopped })
        {
            guard let partition = state.withLock({ $0.partitions[place] }) else { continue }
            do throws(ImpRAGError) {
                // Otherwise a shard that starts again might need segments that are gone.
                try partition.recordPosition()
                if try isDue(partition, place) { try write(partition, place) }
            } catch {
                failure = error
            }
        }
        let isNews = state.withLock { state in
            guard !state.isStopped else { return false }
            defer { state.lastFailure = failure?.message }
            return failure != nil && failure?.message != state.lastFailure
        }
        if isNews, let failure { report("no new checkpoint is written: \(failure)") }
    }

    // MARK: Private

    private var deadline: Deadline { .after(milliseconds: Self.storeMilliseconds, on: environment.clock) }

    private func isDue(_ partition: Partition, _ place: Int) throws(ImpRAGError) -> Bool {
        let known = state.withLock { $0.bases[place] }
        let base: Int
        if let known {
            base = known
        } else {
            let bytes = follower.appliedBytes
            let epoch = try collection.manifest(deadline: deadline).manifest.partitions[partition.number].checkpoint
            base = bytes - (try collection.logBytes(after: epoch, deadline: deadline))
            state.withLock { $0.bases[place] = base }
        }
        return follower.appliedBytes - base > limit
    }

    private func write(_ partition: Partition, _ place: Int) throws(ImpRAGError) {
        let number = partition.number
        let key = try CollectionKey.checkpointClaim(partition: number)
        var watch = state.withLock { $0.watches[place] }
        let claim = try Claim.take(
            key, holder: name, store: collection.store, clock: environment.clock, watching: &watch, deadline: deadline)
        state.withLock { $0.watches[place] = watch }
        guard let claim else { return }
        let held = HeldClaim(claim, renewing: renewer, on: environment)
        defer { held.release() }
        // Another replica may have written one since this shard last asked the manifest.
        state.withLock { $0.bases[place] = nil }
        guard try isDue(partition, place) else { return }
        // Before the partition is copied: what comes meanwhile counts for the next checkpoint.
        let base = follower.appliedBytes
        let start = environment.clock.now
        let written = try collection.writeCheckpoint(
            of: partition, scratch: partition.path + IndexDirectory.scratchSuffix, deadline: .never
        ) { () throws(ImpRAGError) in
            if state.withLock({ $0.isStopped }) { throw ImpRAGError(.cancelled, "this node stops") }
            try held.check()
        }
        let stored = try collection.update(deadline: deadline) { manifest throws(ImpRAGError) in
            guard manifest.collection == identity.id.description else {
                throw ImpRAGError(.failedPrecondition, "\(collection.store.name) holds another index by now")
            }
            // The log stays back to what counted before: replicas that are a little behind follow it still.
            let oldest = manifest.partitions.map(\.checkpoint).min() ?? 0
            manifest.count(checkpoint: written.epoch, of: number, now: WallClock.milliseconds() / 1000)
            manifest.firstEpoch = max(manifest.firstEpoch, oldest + 1)
        }
        state.withLock { $0.bases[place] = base }
        let bytes = ByteCount(written.files.reduce(0) { $0 + $1.bytes })
        report(
            "wrote a checkpoint of partition \(number) at epoch \(written.epoch), \(bytes) in \(environment.clock.now - start)"
        )
        _ = try collection.removeUnneeded(stored.manifest, deadline: deadline)
    }
}
