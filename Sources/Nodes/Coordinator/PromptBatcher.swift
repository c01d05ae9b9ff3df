import Cluster
import Core
import Messaging
import Model
import Platform
import Synchronization
import Wire

/// Runs prompts through the bottom layers on a dedicated thread, in batches when several wait.
///
/// `PromptQueue` picks them. By default there is no batching window: while one batch computes, the next one gathers.
final class PromptBatcher: Sendable {
    /// Tokens of one batch of several prompts; a longer prompt runs alone. Matrix products reach full speed at 64 rows:
    /// a larger batch would only make its prompts wait for each other (docs/runtime.md).
    static let batchTokenLimit = 128

    /// A queued prompt.
    struct Job: Sendable {
        /// BOS first.
        let tokens: [Int32]
        let k: Int
        /// Nil: its state is wanted; else only its vector, as what it is then.
        var role: EmbeddingRole?
        /// Clients take turns.
        let client: ClientKey
        let deadline: Deadline
        let arrival: ContinuousClock.Instant
        /// Whether anybody still waits for it.
        let isWanted: @Sendable () -> Bool
        /// Called once with the state, `deadlineExceeded` or what the model throws; never for a prompt that nobody
        /// wants.
        let finish: @Sendable (Result<EncodedPrompt, ImpRAGError>) -> Void
    }

    private let encoder: any PromptEncoder
    private let window: Duration
    private let limit: Int
    private let clock: any Clock
    private let rounds: Rounds
    private let batches = Counter()
    private let prompts = Counter()
    private let tokens = Counter()
    private let seconds = Histogram()
    private let waiting: Mutex<PromptQueue<Job, ClientKey>>
    /// The least time for a token in the last batches: what takes longer than that is not begun.
    private let paces = Mutex<[Duration]>([])
    private static let paceCount = 16

    /// - Parameters:
    ///   - maxBatch: prompts per batch.
    ///   - windowMilliseconds: how long the first of them waits for others.
    ///   - queueLimit: prompts that may wait.
    init(
        encoder: any PromptEncoder, maxBatch: Int, windowMilliseconds: Int, queueLimit: Int,
        on environment: NodeEnvironment
    ) throws(ImpRAGError) {
        self.encoder = encoder
        // A window is pointless when every prompt runs alone.
        window = maxBatch > 1 ? .milliseconds(windowMilliseconds) : .zero
        limit = queueLimit
        clock = environment.clock
        rounds = Rounds(on: try environment.workers(1, "prompts", queueLimit: 1), clock: clock)
        waiting = Mutex(PromptQueue(batchLimit: maxBatch, tokenLimit: Self.batchTokenLimit))
        rounds.start { [weak self] in self?.round() ?? false }
    }

    /// Queues a prompt. Throws `resourceExhausted` when too many wait, `unavailable` after `stop`.
    func encode(_ job: Job) throws(ImpRAGError) {
        try waiting.withLock { waiting throws(ImpRAGError) in
            if waiting.count >= limit { waiting.removeAll { !$0.isWanted() } }
            guard waiting.count < limit else {
                throw ImpRAGError(
                    .resourceExhausted,
                    "\(limit) prompts already wait for the model, which is the limit; try again later")
            }
            waiting.add(job, of: job.client, tokenCount: job.tokens.count, deadline: job.deadline)
        }
        guard rounds.wake(after: window) else { throw Self.stopping }
    }

    /// Queued prompts that somebody still waits for.
    var waitingCount: Int { waiting.withLock { $0.prompts.count { $0.isWanted() } } }

    func register(in metrics: MetricRegistry) throws(ImpRAGError) {
        try metrics.counter("imprag_prompt_batches_total", "Batches of prompts that ran through the bottom layers.") {
            [batches] in batches.value
        }
        try metrics.counter("imprag_prompts_total", "Prompts in these batches.") { [prompts] in prompts.value }
        try metrics.counter("imprag_prompt_tokens_total", "Tokens of these prompts.") { [tokens] in tokens.value }
        try metrics.histogram("imprag_prompt_batch_seconds", "How long these batches took.") {
            [seconds] in seconds.figures
        }
    }

    /// Refuses new prompts; queued ones are finished.
    func stop() { rounds.stop() }

    /// Whether the thread has ended within `milliseconds`; after `stop`.
    func join(milliseconds: Int) -> Bool { rounds.join(milliseconds: milliseconds) }

    // MARK: Batches

    /// Computes one batch. Returns whether more prompts wait.
    private func round() -> Bool {
        let batch = next()
        if !batch.isEmpty { compute(batch, clock.now) }
        return waiting.withLock { $0.count > 0 }
    }

    /// The next batch of prompts that somebody still waits for; empty when there is none.
    private func next() -> [Job] {
        let now = clock.now
        let pace = paces.withLock { $0.min() } ?? .zero
        let (late, batch) = waiting.withLock { waiting -> ([Job], [Job]) in
            var late: [Job] = []
            waiting.removeAll { job in
                guard job.isWanted() else { return true }
                // Nor is what cannot be done in time begun.
                let isLate = job.deadline.instant <= now + pace * job.tokens.count
                if isLate { late.append(job) }
                return isLate
            }
            return (late, waiting.next())
        }
        for job in late { job.finish(.failure(Self.late)) }
        return batch
    }

    private static let late = ImpRAGError(
        .deadlineExceeded, "the prompt waited for the model until its deadline passed")
    private static let stopping = ImpRAGError(.unavailable, "the coordinator is stopping")

    private func note(_ time: Duration, tokens: Int) {
        paces.withLock { paces in
            paces.append(time / max(1, tokens))
            if paces.count > Self.paceCount { paces.removeFirst() }
        }
    }

    /// The vector of each job, and the tensors of its state where that is wanted.
    private func results(of jobs: [Job]) throws(ImpRAGError) -> [(vector: [Float], tensors: [Tensor])] {
        var results = [(vector: [Float], tensors: [Tensor])](repeating: ([], []), count: jobs.count)
        let prompts = jobs.indices.filter { jobs[$0].role == nil }
        if !prompts.isEmpty {
            let states = try encoder.states(of: prompts.map { PromptRequest(tokens: jobs[$0].tokens, k: jobs[$0].k) })
            guard states.count == prompts.count else {
                throw ImpRAGError(.internal, "the model made \(states.count) states of \(prompts.count) prompts")
            }
            let shape = encoder.shape
            for (place, state) in zip(prompts, states) {
                results[place] = (state.queryEmbedding, try state.tensors(shape))
            }
        }
        for role in EmbeddingRole.allCases {
            let texts = jobs.indices.filter { jobs[$0].role == role }
            guard !texts.isEmpty else { continue }
            let width = encoder.shape.keyWidth
            let rows = try encoder.embed(texts.map { jobs[$0].tokens }, as: role)
            guard rows.count == texts.count * width else {
                throw ImpRAGError(
                    .internal, "the model made \(rows.count) numbers of \(texts.count) texts; \(width) each are right")
            }
            for (row, place) in texts.enumerated() {
                results[place].vector = Array(rows[row * width..<(row + 1) * width])
            }
        }
        return results
    }

    private func compute(_ jobs: [Job], _ start: ContinuousClock.Instant) {
        do throws(ImpRAGError) {
            let results = try results(of: jobs)
            let end = clock.now
            let tokenCount = jobs.reduce(0) { $0 + $1.tokens.count }
            note(end - start, tokens: tokenCount)
            batches.add()
            prompts.add(jobs.count)
            tokens.add(tokenCount)
            seconds.record(end - start)
            for (index, job) in jobs.enumerated() {
                job.finish(
                    .success(
                        EncodedPrompt(
                            tokens: job.tokens, queryEmbedding: results[index].vector, tensors: results[index].tensors,
                            queueTime: start - job.arrival, promptTime: end - start)))
            }
        } catch {
            guard jobs.count > 1 else {
                jobs.first?.finish(.failure(error))
                return
            }
            // One bad prompt must not fail its neighbours: each gets its own answer.
            for job in jobs { compute([job], start) }
        }
    }
}
