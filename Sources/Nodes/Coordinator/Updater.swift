import Cluster
import Core
import Messaging
import Model
import Platform
import Storage
import Synchronization
import Wire

/// Handles clients' updates: embeds passages, commits them to the collection's log, and tells the shards.
///
/// Passages are embedded on a dedicated thread, so that prompts never queue behind them and only share the processor
/// with them. Updates are embedded one after the other, and committed as they come: those that wait share a segment.
final class Updater: Sendable {
    private let encoder: any PromptEncoder
    private let settings: CoordinatorSettings
    private let peers: Peers
    private let memory: ByteBudget
    private let environment: NodeEnvironment
    private let pool: any Workers
    /// Nil when this coordinator takes no updates.
    private let committer: Committer?

    /// Epochs that the most advanced replica of a partition may be behind.
    static let lagLimit = 10_000
    /// Bytes of log that it may be behind, as far as this node has seen them.
    static let lagByteLimit = 1 << 30
    /// Passages that run through the model between two checks of the deadline.
    static let batchPassages = 64
    /// How long a shard that is away may delay an update.
    static let absentShardMilliseconds = 1000
    /// How long a shard has to say that it heard of an epoch. It looks by itself, too.
    static let tellMilliseconds = 1000

    /// - Parameters:
    ///   - memory: the budget that vectors are charged to.
    ///   - openLog: opens the collection's log; nil: updates are refused.
    init(
        encoder: any PromptEncoder, settings: CoordinatorSettings, peers: Peers, memory: ByteBudget,
        on environment: NodeEnvironment, openLog: (@Sendable () throws(ImpRAGError) -> CollectionLog)?
    ) throws(ImpRAGError) {
        self.encoder = encoder
        self.settings = settings
        self.peers = peers
        self.memory = memory
        self.environment = environment
        pool = try environment.workers(1, "embed", queueLimit: settings.maxRequests)
        committer = try openLog.map { open throws(ImpRAGError) in
            try Committer(limit: settings.maxRequests, on: environment, open: open)
        }
    }

    func register(in metrics: MetricRegistry) throws(ImpRAGError) {
        try committer?.register(in: metrics)
    }

    /// See `CoordinatorService.openLog`.
    func openLog(report: @escaping @Sendable (String) -> Void) {
        committer?.openLog(report: report)
    }

    /// The newest epoch of the log that this node knows of.
    var epoch: Int { committer?.epoch ?? 0 }

    /// Throws what is wrong with the passages, what the model throws, what `Committer.commit` throws, and when the
    /// caller waits for shards, what they throw: the update is durable then, and the message says so.
    func upsert(
        _ passages: [Passage], wait: UpdateWait, key: UpdateKey? = nil, trace: TraceContext? = nil, deadline: Deadline
    ) async throws(ImpRAGError) -> UpsertReply {
        let committer = try writable()
        try requireFollowers(committer)
        let passages = try UpdateCheck.passages(passages, limit: settings.maxUpdatePassages)
        let width = encoder.shape.keyWidth
        // The vectors in two forms, and passages and vectors once more in the segment.
        let texts = passages.reduce(0) { $0 + $1.byteCount }
        let reservation = try ByteReservation(
            ByteCount(ByteCount.product(3, passages.count, width, 2).bytes + texts), of: memory,
            for: "the vectors of this update")
        defer { reservation.release() }
        let (vectors, cut) = try await embed(passages, width, deadline)
        if let fault = VectorLimit.fault(in: vectors[...], dimension: width) {
            throw ImpRAGError(
                .invalidArgument, "the vector of '\(passages[fault.vector].id)' \(fault.words); nothing was written")
        }
        let changes = passages.enumerated().map { place, passage in
            PassageChange.upsert(passage, vector: Array(vectors[place * width..<(place + 1) * width]))
        }
        let (epoch, outcome) = try await commit(
            LogUpdate(changes, key: key), by: committer, wait: wait, trace, deadline)
        return UpsertReply(
            epoch: epoch, cut: cut, found: wait == .found, replaced: outcome.replaced, inserted: outcome.inserted)
    }

    /// Throws as `upsert` does.
    func delete(
        _ ids: [String], wait: UpdateWait, key: UpdateKey? = nil, trace: TraceContext? = nil, deadline: Deadline
    ) async throws(ImpRAGError) -> DeleteReply {
        let committer = try writable()
        try requireFollowers(committer)
        try UpdateCheck.ids(ids, limit: settings.maxUpdatePassages)
        let (epoch, outcome) = try await commit(
            LogUpdate(ids.map { .delete(id: $0) }, key: key), by: committer, wait: wait, trace, deadline)
        return DeleteReply(epoch: epoch, found: wait == .found, deleted: outcome.deleted)
    }

    private func writable() throws(ImpRAGError) -> Committer {
        guard let committer else {
            throw ImpRAGError(
                .failedPrecondition,
                "this coordinator takes no updates: it is \"read_only\", or its cluster file names no \"index\"")
        }
        return committer
    }

    func stop() {
        pool.stop()
        committer?.stop()
    }

    func join(milliseconds: Int) -> Bool {
        pool.join(milliseconds: milliseconds) && committer?.join(milliseconds: milliseconds) ?? true
    }

    /// Throws when all ready replicas of a partition are so far behind the log that more of it would only make that
    /// worse.
    private func requireFollowers(_ committer: Committer) throws(ImpRAGError) {
        let newest = committer.epoch
        guard let slow = peers.membership.withLock({ $0.furthestBehind() }), newest > slow.epoch else { return }
        let bytes = committer.knownBytes(after: slow.epoch)
        guard newest - slow.epoch > Self.lagLimit || bytes > Self.lagByteLimit else { return }
        throw ImpRAGError(
            .resourceExhausted,
            "\(slow.shard) has the log up to epoch \(slow.epoch) of \(newest) and lacks \(ByteCount(bytes)) at least, no replica of partition \(slow.partition) is nearer, "
                + "and no more is written until one is; its status says why")
    }

    // MARK: - Embedding

    /// The vectors, rounded as they are stored, and how many passages were cut to embed them.
    private func embed(
        _ passages: [Passage], _ width: Int, _ deadline: Deadline
    ) async throws(ImpRAGError) -> (vectors: [BFloat16], cut: Int) {
        let promise = Promise<(vectors: [BFloat16], cut: Int)>()
        let encoder = encoder
        try pool.submit {
            promise.fulfil { () throws(ImpRAGError) in
                var vectors: [BFloat16] = []
                var cut = 0
                vectors.reserveCapacity(passages.count * width)
                for start in stride(from: 0, to: passages.count, by: Self.batchPassages) {
                    try deadline.check("\(start) of \(passages.count) passages were embedded, nothing was written")
                    guard !promise.isSettled else {
                        throw ImpRAGError(.cancelled, "nobody waits for the update any more")
                    }
                    let batch = Array(passages[start..<min(start + Self.batchPassages, passages.count)])
                    let rows = try encoder.embed(passages: batch)
                    guard rows.count == batch.count * width else {
                        throw ImpRAGError(
                            .internal,
                            "the model made \(rows.count) numbers of \(batch.count) passages; \(width) each are right")
                    }
                    vectors += rows.map { BFloat16($0) }
                    cut += try encoder.cutCount(of: batch)
                }
                return (vectors, cut)
            }
        }
        return try await promise.value()
    }

    // MARK: - Commits and shards

    /// Commits an update and tells the shards; waits for those that serve its partitions when the caller does.
    ///
    /// - Returns: the epoch, and what it did, which only shards know.
    private func commit(
        _ update: LogUpdate, by committer: Committer, wait: UpdateWait, _ trace: TraceContext?, _ deadline: Deadline
    ) async throws(ImpRAGError) -> (epoch: Int, outcome: UpdateOutcome) {
        let milliseconds = max(1, deadline.remainingMilliseconds - CoordinatorService.returnMilliseconds)
        let inner = Deadline.after(milliseconds: milliseconds, on: deadline.clock)
        let place = try await committer.commit(update, deadline: inner)
        let known = peers.knowledge
        let collection = known.topology.collection
        let partitions = Set(update.changes.map { collection.partition(of: $0.id).number })
        let awaited = AwaitedUpdate(
            epoch: place.epoch, partitions: wait == .found ? partitions : [], topology: known.topology,
            states: known.states)
        let concerned = Set(awaited.shards)
        for node in known.topology.nodes(of: .shard) where !concerned.contains(node.name) {
            tell(node.name, place.epoch, trace)
        }
        guard wait == .found else { return (place.epoch, UpdateOutcome()) }
        return (place.epoch, try await outcome(of: awaited, place, trace, inner))
    }

    /// Tells a shard that the log has grown, and waits for nothing.
    private func tell(_ shard: String, _ epoch: Int, _ trace: TraceContext?) {
        let deadline = Deadline.after(milliseconds: Self.tellMilliseconds, on: environment.clock)
        environment.task { [peers] in
            _ = try? await peers.connection(shard).call(
                .apply(ApplyRequest(epoch: epoch)), trace: trace, deadline: deadline)
        }
    }

    /// Waits until shards have applied an update.
    private func outcome(
        of awaited: AwaitedUpdate, _ place: LogPlace, _ trace: TraceContext?, _ deadline: Deadline
    ) async throws(ImpRAGError) -> UpdateOutcome {
        let answered = await withTaskGroup(of: (String, Result<ApplyReply, ImpRAGError>).self) { group in
            var awaited = awaited
            for shard in awaited.shards {
                if let refusal = awaited.refusal(of: shard) {
                    awaited.answered(shard, .failure(refusal))
                    continue
                }
                let limited =
                    awaited.isHurried(shard) ? deadline.within(milliseconds: Self.absentShardMilliseconds) : deadline
                group.addTask { [awaited] in (shard, await self.answer(of: shard, awaited, place, trace, limited)) }
            }
            for await (shard, result) in group {
                awaited.answered(shard, result, state: peers.membership.withLock { $0.member(shard)?.state })
            }
            return awaited
        }
        let outcome = try answered.outcome()
        peers.membership.withLock { members in
            for shard in answered.leftOut { members.leftOut(shard, of: place.epoch) }
        }
        return outcome
    }

    /// What `shard` says; `unavailable` once it is found to be away while others have what it has.
    private func answer(
        of shard: String, _ awaited: AwaitedUpdate, _ place: LogPlace, _ trace: TraceContext?, _ deadline: Deadline
    ) async -> Result<ApplyReply, ImpRAGError> {
        let promise = Promise<ApplyReply>()
        let watch = peers.losses.add { [peers] name in
            guard name == shard, awaited.hasStandIns(for: shard, among: peers.knowledge.states) else { return }
            promise.fulfil(.failure(ImpRAGError(.unavailable, "it does not answer any more")))
        }
        // One with requests that says nothing is noticed sooner.
        peers.began(shard)
        defer {
            peers.losses.remove(watch)
            peers.released(shard)
        }
        do throws(ImpRAGError) {
            let request = ApplyRequest(epoch: place.epoch, update: place.update)
            let limit = settings.maxUpdatePassages
            let call = try peers.connection(shard).call(.apply(request), trace: trace, deadline: deadline) { event in
                promise.fulfil { () throws(ImpRAGError) in try Self.applied(event, limit: limit) }
            }
            defer { call.cancel() }
            return .success(try await promise.value())
        } catch {
            return .failure(error)
        }
    }

    /// Checks a shard's answer to `apply`.
    private static func applied(_ event: CallEvent, limit: Int) throws(ImpRAGError) -> ApplyReply {
        switch event {
        case .failed(let error): throw error
        case .reply(let reply, _):
            guard case .apply(let applied) = reply.body else {
                throw ImpRAGError(.internal, "it answered apply with \(reply.body.name)")
            }
            // What comes over the network is not added up unseen.
            let largest = applied.partitions.flatMap { [$0.inserted, $0.replaced, $0.deleted] }.max() ?? 0
            guard largest <= limit else {
                throw ImpRAGError(
                    .internal, "it says that the update changed \(largest) passages of one partition, and it had fewer")
            }
            return applied
        }
    }
}
