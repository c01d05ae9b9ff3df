import Core
import Inference
import Model
import NodeRuntime
import Platform

/// Runs prompts through the bottom layers on a thread of its own, together when several wait.
///
/// There is no waiting for company by default: while one batch computes, the next gathers by itself.
final class PromptBatcher: Sendable {
    /// A prompt's state and how long it took to get.
    struct Encoded: Sendable {
        let state: PromptState
        let queueTime: Duration
        let promptTime: Duration
    }

    /// Tokens of one batch: bounds the memory of the activations. A longer prompt goes alone.
    static let batchTokenLimit = 8192

    private struct Job: Sendable {
        let tokens: [Int32]
        let k: Int
        let deadline: Deadline
        let arrival: ContinuousClock.Instant
        let promise: Promise<Encoded>
    }

    private let jobs: BlockingQueue<Job>
    private let thread: NamedThread

    /// - Parameters:
    ///   - maxBatch: prompts that go together.
    ///   - windowMilliseconds: how long the first of them waits for others.
    ///   - queueLimit: prompts that may wait.
    init(
        encoder: any PromptEncoder, maxBatch: Int, windowMilliseconds: Int, queueLimit: Int
    ) throws(ImpRAGError) {
        let jobs = BlockingQueue<Job>(limit: queueLimit)
        self.jobs = jobs
        thread = try NamedThread("prompts") {
            while true {
                var batch = jobs.pop(upTo: maxBatch, waiting: true)
                if batch.isEmpty { return }
                if windowMilliseconds > 0, batch.count < maxBatch {
                    _ = waitForInput(on: [], milliseconds: windowMilliseconds)
                    batch += jobs.pop(upTo: maxBatch - batch.count, waiting: false)
                }
                Self.run(batch, encoder)
            }
        }
    }

    /// The state of a prompt of `tokens`, BOS first.
    ///
    /// - Throws: `resourceExhausted` when too many wait, `deadlineExceeded`, `cancelled`, and what the model throws.
    func encode(_ tokens: [Int32], k: Int, deadline: Deadline) async throws(ImpRAGError) -> Encoded {
        let promise = Promise<Encoded>()
        let job = Job(tokens: tokens, k: k, deadline: deadline, arrival: .now, promise: promise)
        switch jobs.push(job) {
        case .accepted: return try await promise.value()
        case .full:
            throw ImpRAGError(
                .resourceExhausted,
                "\(jobs.limit) prompts already wait for the model, which is the limit; try again later")
        case .closed:
            throw ImpRAGError(.unavailable, "the coordinator is stopping")
        }
    }

    /// Prompts that wait now.
    var waitingCount: Int { jobs.count }

    /// Refuses new prompts; those that wait are finished.
    func stop() {
        jobs.close()
    }

    /// Whether the thread has ended within `milliseconds`; after `stop`.
    func join(milliseconds: Int) -> Bool {
        thread.join(milliseconds: milliseconds)
    }

    private static func run(_ jobs: [Job], _ encoder: any PromptEncoder) {
        let start = ContinuousClock.now
        var live: [Job] = []
        for job in jobs where !job.promise.isSettled {
            if job.deadline.hasPassed {
                job.promise.fulfil(
                    .failure(
                        ImpRAGError(.deadlineExceeded, "the prompt waited for the model until its deadline passed")))
            } else {
                live.append(job)
            }
        }
        var rest = live[...]
        while !rest.isEmpty {
            let count = batchPrefix(rest.map(\.tokens.count), tokenLimit: batchTokenLimit)
            compute(Array(rest.prefix(count)), encoder, start)
            rest = rest.dropFirst(count)
        }
    }

    private static func compute(_ jobs: [Job], _ encoder: any PromptEncoder, _ start: ContinuousClock.Instant) {
        do throws(ImpRAGError) {
            let states = try encoder.states(of: jobs.map { PromptRequest(tokens: $0.tokens, k: $0.k) })
            guard states.count == jobs.count else {
                throw ImpRAGError(.internal, "the model made \(states.count) states of \(jobs.count) prompts")
            }
            let end = ContinuousClock.now
            for (job, state) in zip(jobs, states) {
                job.promise.fulfil(
                    .success(Encoded(state: state, queueTime: start - job.arrival, promptTime: end - start)))
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

/// How many of the waiting prompts go into the next batch: as many as fit `tokenLimit`, at least one.
func batchPrefix(_ lengths: [Int], tokenLimit: Int) -> Int {
    var count = 0
    var sum = 0
    for length in lengths {
        sum += length
        if count > 0, sum > tokenLimit { break }
        count += 1
    }
    return count
}
