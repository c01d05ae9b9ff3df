import Cluster
import Core
import Messaging
import Model
import Platform
import Synchronization
import Wire

/// Handles clients' updates: embeds passages, sends every shard its part, and acknowledges when all shards have.
///
/// Passages are embedded on a dedicated thread, so that prompts never queue behind them and only share the processor
/// with them. Updates are embedded one after the other.
final class Updater: Sendable {
    private let encoder: any PromptEncoder
    private let settings: CoordinatorSettings
    private let peers: Peers
    private let memory: ByteBudget
    private let pool: any Workers

    /// Passages that run through the model between two checks of the deadline.
    static let batchPassages = 64
    /// How long a shard that was unreachable when last polled may delay an update.
    static let absentShardMilliseconds = 1000

    /// - Parameter memory: the budget that vectors are charged to.
    init(
        encoder: any PromptEncoder, settings: CoordinatorSettings, peers: Peers, memory: ByteBudget,
        on environment: NodeEnvironment
    ) throws(ImpRAGError) {
        self.encoder = encoder
        self.settings = settings
        self.peers = peers
        self.memory = memory
        pool = try environment.workers(1, "embed", queueLimit: settings.maxRequests)
    }

    /// Throws what is wrong with the passages, what the model throws, and what shards throw: in that case others may
    /// have applied their part, and the message says so.
    func upsert(_ passages: [Passage], deadline: Deadline) async throws(ImpRAGError) -> UpsertReply {
        try UpdatePlan.check(passages, limit: settings.maxUpdatePassages)
        let width = encoder.shape.keyWidth
        let plan = UpdatePlan(
            ids: passages.map(\.id), bytes: passages.map(\.byteCount), to: peers.topology.collection,
            vectorBytes: 2 * width)
        try requireUsable(plan)
        let reservation = try ByteReservation(
            ByteCount.product(2, passages.count, width, 2), of: memory, for: "the vectors of this update")
        defer { reservation.release() }
        let (vectors, cut) = try await embed(passages, width, deadline)
        let replies = try await send(plan, "upsert", deadline) { part in
            var rows: [BFloat16] = []
            rows.reserveCapacity(part.places.count * width)
            for place in part.places { rows += vectors[place * width..<(place + 1) * width] }
            return Message(
                request: .shardUpsert(ShardUpsertRequest(passages: part.places.map { passages[$0] })),
                tensors: [Tensor(rows, shape: [part.places.count, width])])
        }
        var sum = UpsertReply(replaced: 0, inserted: 0, cut: cut)
        for reply in replies {
            guard case .upsert(let done) = reply.body else { continue }
            sum.partitions = Self.latest(sum.partitions, done.partitions)
            guard reply.isPrimary else { continue }
            sum.replaced += done.replaced
            sum.inserted += done.inserted
        }
        return sum
    }

    /// Throws as `upsert` does.
    func delete(_ ids: [String], deadline: Deadline) async throws(ImpRAGError) -> DeleteReply {
        try UpdatePlan.check(ids: ids, limit: settings.maxUpdatePassages)
        let plan = UpdatePlan(
            ids: ids, bytes: ids.map(\.utf8.count), to: peers.topology.collection, vectorBytes: 0)
        try requireUsable(plan)
        let replies = try await send(plan, "delete", deadline) { part in
            Message(request: .shardDelete(ShardDeleteRequest(ids: part.places.map { ids[$0] })), tensors: [])
        }
        var sum = DeleteReply(deleted: 0)
        for reply in replies {
            guard case .delete(let done) = reply.body else { continue }
            sum.partitions = Self.latest(sum.partitions, done.partitions)
            if reply.isPrimary { sum.deleted += done.deleted }
        }
        return sum
    }

    func stop() {
        pool.stop()
    }

    func join(milliseconds: Int) -> Bool {
        pool.join(milliseconds: milliseconds)
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

    // MARK: - Shards

    private struct Message {
        let request: Request
        let tensors: [Tensor]
    }

    /// What became of one shard's parts.
    private struct ShardAnswer: Sendable {
        let shard: String
        let result: Result<[PartReply], ImpRAGError>
    }

    private struct PartReply: Sendable {
        let isPrimary: Bool
        let body: Reply
    }

    /// The figures of each partition after its latest update.
    private static func latest(_ left: [PartitionFigures], _ right: [PartitionFigures]) -> [PartitionFigures] {
        Dictionary((left + right).map { ($0.partition, $0) }) { $0.sequence < $1.sequence ? $1 : $0 }
            .values.sorted { $0.partition < $1.partition }
    }

    /// Throws, before anything is computed, when a shard of the plan can accept nothing.
    private func requireUsable(_ plan: UpdatePlan) throws(ImpRAGError) {
        let shards = Set(plan.parts.map(\.shard))
        let refused = peers.membership.withLock { membership in
            membership.members.compactMap { member -> String? in
                guard shards.contains(member.name), case .refused(let message) = member.state else { return nil }
                return "\(member.name): \(message)"
            }
        }
        guard refused.isEmpty else {
            throw ImpRAGError(.failedPrecondition, refused.joined(separator: "; ") + "; nothing was written")
        }
    }

    /// Sends all parts, those of one shard one after the other, and returns all replies.
    private func send(
        _ plan: UpdatePlan, _ name: String, _ deadline: Deadline,
        _ message: @escaping @Sendable (UpdatePlan.Part) -> Message
    ) async throws(ImpRAGError) -> [PartReply] {
        let milliseconds = max(1, deadline.remainingMilliseconds - CoordinatorService.returnMilliseconds)
        let shardDeadline = Deadline.after(milliseconds: milliseconds, on: deadline.clock)
        let parts = Dictionary(grouping: plan.parts, by: \.shard)
        let answers = await withTaskGroup(of: ShardAnswer.self) { group in
            for (shard, parts) in parts {
                group.addTask { await self.answer(of: shard, parts, shardDeadline, message) }
            }
            var answers: [ShardAnswer] = []
            // Waits for all, even after a failure: only then is it known what the others did.
            for await answer in group { answers.append(answer) }
            return answers
        }
        var replies: [PartReply] = []
        var failures: [(shard: String, error: ImpRAGError)] = []
        for answer in answers.sorted(by: { $0.shard < $1.shard }) {
            switch answer.result {
            case .success(let parts): replies += parts
            case .failure(let error): failures.append((answer.shard, error))
            }
        }
        guard let first = failures.first else { return replies }
        let codes = Set(failures.map(\.error.code))
        let taken =
            failures.count < parts.count ? "the others may have taken their part of the" : "part may be taken of the"
        throw ImpRAGError(
            codes.count == 1 ? first.error.code : .unavailable,
            failures.map { "\($0.shard): \($0.error.message)" }.joined(separator: "; ")
                + "; \(taken) \(name), and the same \(name) may be repeated")
    }

    private func answer(
        of shard: String, _ parts: [UpdatePlan.Part], _ deadline: Deadline,
        _ message: @Sendable (UpdatePlan.Part) -> Message
    ) async -> ShardAnswer {
        var replies: [PartReply] = []
        do throws(ImpRAGError) {
            for part in parts {
                let message = message(part)
                let reply = try await peers.connection(shard).call(
                    message.request, tensors: message.tensors, fingerprint: encoder.fingerprint,
                    deadline: limited(deadline, for: shard))
                switch (message.request, reply.body) {
                case (.shardUpsert, .upsert), (.shardDelete, .delete):
                    replies.append(PartReply(isPrimary: part.isPrimary, body: reply.body))
                default:
                    throw ImpRAGError(.internal, "it answered \(message.request.name) with \(reply.body.name)")
                }
            }
            return ShardAnswer(shard: shard, result: .success(replies))
        } catch {
            return ShardAnswer(shard: shard, result: .failure(error))
        }
    }

    /// Shortens the deadline for a shard that was unreachable when last polled.
    private func limited(_ deadline: Deadline, for shard: String) -> Deadline {
        guard case .unreachable? = peers.membership.withLock({ $0.member(shard)?.state }) else { return deadline }
        return deadline.within(milliseconds: Self.absentShardMilliseconds)
    }
}
