import Cluster
import Core
import Messaging
import Model
import Platform
import Synchronization
import Wire

/// Runs prompts through the bottom layers on a thread of its own, together when several wait.
///
/// `PromptQueue` says which. There is no waiting for company by default: while one batch computes, the next gathers by
/// itself.
final class PromptBatcher: Sendable {
    /// What the bottom layers made of a prompt, and how long that took.
    struct Encoded: Sendable {
        let tokens: [Int32]
        /// E_q.
        let queryEmbedding: [Float]
        /// The prompt's state, as a generator takes it. The state itself is gone: bfloat16 tensors are half as large.
        let tensors: [Tensor]
        let queueTime: Duration
        let promptTime: Duration
    }

    /// Tokens of one batch of several prompts. A longer prompt goes alone. Products are at full speed from 64 rows on: a larger
    /// batch would only let its prompts wait for each other (docs/runtime.md).
    static let batchTokenLimit = 128

    private struct Job: Sendable {
        let tokens: [Int32]
        let k: Int
        let deadline: Deadline
        let arrival: ContinuousClock.Instant
        let promise: Promise<Encoded>
    }

    /// What callers and the thread share.
    private final class Waiting: Sendable {
        private struct State {
            var queue: PromptQueue<Job>
            var isClosed = false
        }

        let limit: Int
        private let state: Mutex<State>
        /// Something has arrived: one sign is as good as many.
        private let signs = BlockingQueue<Void>(limit: 1)

        init(batchLimit: Int, limit: Int) {
            self.limit = limit
            state = Mutex(
                State(queue: PromptQueue(batchLimit: batchLimit, tokenLimit: PromptBatcher.batchTokenLimit)))
        }

        /// Prompts that somebody waits for.
        var count: Int { state.withLock { $0.queue.prompts.count { !$0.promise.isSettled } } }

        func add(_ job: Job) -> BlockingQueue<Void>.Push {
            let push = state.withLock { state -> BlockingQueue<Void>.Push in
                if state.isClosed { return .closed }
                if state.queue.count >= limit { state.queue.removeAll { $0.promise.isSettled } }
                if state.queue.count >= limit { return .full }
                state.queue.add(job, tokenCount: job.tokens.count, deadline: job.deadline)
                return .accepted
            }
            if push == .accepted { _ = signs.push(()) }
            return push
        }

        /// Blocks until something has arrived; false when nothing will any more.
        func wait() -> Bool { signs.pop() != nil }

        /// The next batch of prompts that somebody waits for; empty when there is none.
        func next() -> [Job] {
            state.withLock { state in
                state.queue.removeAll { job in
                    if job.deadline.hasPassed { job.promise.fulfil(.failure(PromptBatcher.late)) }
                    return job.promise.isSettled
                }
                return state.queue.next()
            }
        }

        func close() {
            state.withLock { $0.isClosed = true }
            signs.close()
        }
    }

    private let waiting: Waiting
    private let thread: NamedThread

    /// - Parameters:
    ///   - maxBatch: prompts that go together.
    ///   - windowMilliseconds: how long the first of them waits for others.
    ///   - queueLimit: prompts that may wait.
    init(
        encoder: any PromptEncoder, maxBatch: Int, windowMilliseconds: Int, queueLimit: Int
    ) throws(ImpRAGError) {
        let waiting = Waiting(batchLimit: maxBatch, limit: queueLimit)
        self.waiting = waiting
        thread = try NamedThread("prompts") {
            var isOpen = true
            while true {
                if windowMilliseconds > 0, (1..<maxBatch).contains(waiting.count) {
                    _ = waitForInput(on: [], milliseconds: windowMilliseconds)
                }
                let batch = waiting.next()
                if !batch.isEmpty {
                    Self.compute(batch, encoder, .now)
                } else if isOpen {
                    // Once closed, another look for what came before that.
                    isOpen = waiting.wait()
                } else {
                    return
                }
            }
        }
    }

    /// The state of a prompt of `tokens`, BOS first.
    ///
    /// - Throws: `resourceExhausted` when too many wait, `deadlineExceeded`, `cancelled`, and what the model throws.
    func encode(_ tokens: [Int32], k: Int, deadline: Deadline) async throws(ImpRAGError) -> Encoded {
        let promise = Promise<Encoded>()
        let job = Job(tokens: tokens, k: k, deadline: deadline, arrival: .now, promise: promise)
        switch waiting.add(job) {
        case .accepted: return try await promise.value()
        case .full:
            throw ImpRAGError(
                .resourceExhausted,
                "\(waiting.limit) prompts already wait for the model, which is the limit; try again later")
        case .closed:
            throw ImpRAGError(.unavailable, "the coordinator is stopping")
        }
    }

    /// Prompts that wait now, and that somebody waits for.
    var waitingCount: Int { waiting.count }

    /// Refuses new prompts; those that wait are finished.
    func stop() {
        waiting.close()
    }

    /// Whether the thread has ended within `milliseconds`; after `stop`.
    func join(milliseconds: Int) -> Bool {
        thread.join(milliseconds: milliseconds)
    }

    private static let late = ImpRAGError(
        .deadlineExceeded, "the prompt waited for the model until its deadline passed")

    private static func compute(_ jobs: [Job], _ encoder: any PromptEncoder, _ start: ContinuousClock.Instant) {
        do throws(ImpRAGError) {
            let states = try encoder.states(of: jobs.map { PromptRequest(tokens: $0.tokens, k: $0.k) })
            guard states.count == jobs.count else {
                throw ImpRAGError(.internal, "the model made \(states.count) states of \(jobs.count) prompts")
            }
            let shape = encoder.shape
            var tensors: [[Tensor]] = []
            for state in states { tensors.append(try state.tensors(shape)) }
            let end = ContinuousClock.now
            for (index, job) in jobs.enumerated() {
                job.promise.fulfil(
                    .success(
                        Encoded(
                            tokens: job.tokens, queryEmbedding: states[index].queryEmbedding, tensors: tensors[index],
                            queueTime: start - job.arrival, promptTime: end - start)))
            }
        } catch {
            guard jobs.count > 1 else {
                jobs.first?.promise.fulfil(.failure(error))
                return
            }
            // One bad prompt must not fail its neighbours: each gets its own answer.
            for job in jobs { compute([job], encoder, start) }
        }
    }
}
