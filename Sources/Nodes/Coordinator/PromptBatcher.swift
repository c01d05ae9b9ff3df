import Cluster
import Core
import Messaging
import Model
import Platform
import Synchronization
import Wire

/// Runs prompts through the bottom layers on a thread of their own, together when several wait.
///
/// `PromptQueue` says which. There is no waiting for company by default: while one batch computes, the next gathers by
/// itself.
final class PromptBatcher: Sendable {
    /// Tokens of one batch of several prompts. A longer prompt goes alone. Products are at full speed from 64 rows on: a larger
    /// batch would only let its prompts wait for each other (docs/runtime.md).
    static let batchTokenLimit = 128

    /// A prompt on its way.
    struct Job: Sendable {
        /// BOS first.
        let tokens: [Int32]
        let k: Int
        let deadline: Deadline
        let arrival: ContinuousClock.Instant
        /// Whether somebody waits for it.
        let isWanted: @Sendable () -> Bool
        /// Called once, with the state or with `deadlineExceeded` or what the model throws; not for a prompt that nobody wants.
        let finish: @Sendable (Result<EncodedPrompt, ImpRAGError>) -> Void
    }

    private struct State {
        var queue: PromptQueue<Job>
        /// A batch is computed, or will be.
        var isBusy = false
        var isClosed = false
    }

    private let encoder: any PromptEncoder
    private let maxBatch: Int
    private let window: Duration
    private let limit: Int
    private let clock: any Clock
    private let thread: any Workers
    private let state: Mutex<State>

    /// - Parameters:
    ///   - maxBatch: prompts that go together.
    ///   - windowMilliseconds: how long the first of them waits for others.
    ///   - queueLimit: prompts that may wait.
    init(
        encoder: any PromptEncoder, maxBatch: Int, windowMilliseconds: Int, queueLimit: Int,
        on environment: NodeEnvironment
    ) throws(ImpRAGError) {
        self.encoder = encoder
        self.maxBatch = maxBatch
        window = .milliseconds(windowMilliseconds)
        limit = queueLimit
        clock = environment.clock
        thread = try environment.workers(1, "prompts", queueLimit: 1)
        state = Mutex(State(queue: PromptQueue(batchLimit: maxBatch, tokenLimit: Self.batchTokenLimit)))
    }

    /// Queues a prompt. Throws `resourceExhausted` when too many wait, `unavailable` after `stop`.
    func encode(_ job: Job) throws(ImpRAGError) {
        let begins = try state.withLock { state throws(ImpRAGError) in
            if state.isClosed { throw Self.stopping }
            if state.queue.count >= limit { state.queue.removeAll { !$0.isWanted() } }
            guard state.queue.count < limit else {
                throw ImpRAGError(
                    .resourceExhausted,
                    "\(limit) prompts already wait for the model, which is the limit; try again later")
            }
            state.queue.add(job, tokenCount: job.tokens.count, deadline: job.deadline)
            defer { state.isBusy = true }
            return !state.isBusy
        }
        guard begins else { return }
        if window > .zero, maxBatch > 1 {
            clock.schedule(at: clock.now + window) { self.computeNext() }
        } else {
            computeNext()
        }
    }

    /// Prompts that wait now, and that somebody waits for.
    var waitingCount: Int { state.withLock { $0.queue.prompts.count { $0.isWanted() } } }

    /// Refuses new prompts; those that wait are finished.
    func stop() {
        let isIdle = state.withLock { state in
            state.isClosed = true
            return !state.isBusy
        }
        if isIdle { thread.stop() }
    }

    /// Whether the thread has ended within `milliseconds`; after `stop`.
    func join(milliseconds: Int) -> Bool {
        thread.join(milliseconds: milliseconds)
    }

    // MARK: Batches

    private func computeNext() {
        do throws(ImpRAGError) {
            // One at a time: the queue always has room for it.
            try thread.submit { [self] in
                let batch = next()
                if !batch.isEmpty { compute(batch, clock.now) }
                let (isDone, isClosed) = state.withLock { state in
                    if state.queue.count == 0 { state.isBusy = false }
                    return (!state.isBusy, state.isClosed)
                }
                if !isDone { computeNext() } else if isClosed { thread.stop() }
            }
        } catch {
            let left = state.withLock { state in
                defer { state.queue.removeAll { _ in true } }
                state.isBusy = false
                return state.queue.prompts
            }
            for job in left { job.finish(.failure(error)) }
        }
    }

    /// The next batch of prompts that somebody waits for; empty when there is none.
    private func next() -> [Job] {
        let (late, batch) = state.withLock { state -> ([Job], [Job]) in
            var late: [Job] = []
            state.queue.removeAll { job in
                guard job.isWanted() else { return true }
                if job.deadline.hasPassed { late.append(job) }
                return job.deadline.hasPassed
            }
            return (late, state.queue.next())
        }
        for job in late { job.finish(.failure(Self.late)) }
        return batch
    }

    private static let late = ImpRAGError(
        .deadlineExceeded, "the prompt waited for the model until its deadline passed")
    private static let stopping = ImpRAGError(.unavailable, "the coordinator is stopping")

    private func compute(_ jobs: [Job], _ start: ContinuousClock.Instant) {
        do throws(ImpRAGError) {
            let states = try encoder.states(of: jobs.map { PromptRequest(tokens: $0.tokens, k: $0.k) })
            guard states.count == jobs.count else {
                throw ImpRAGError(.internal, "the model made \(states.count) states of \(jobs.count) prompts")
            }
            let shape = encoder.shape
            var tensors: [[Tensor]] = []
            for state in states { tensors.append(try state.tensors(shape)) }
            let end = clock.now
            for (index, job) in jobs.enumerated() {
                job.finish(
                    .success(
                        EncodedPrompt(
                            tokens: job.tokens, queryEmbedding: states[index].queryEmbedding, tensors: tensors[index],
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
