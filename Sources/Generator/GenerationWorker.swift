import Core
import Messaging
import NodeRuntime
import Platform
import Wire

/// The thread that makes answers: all of the generator's matrix work happens on it, one token of one answer at a time.
///
/// One thread, because every step already uses all cores through the matrix products.
final class GenerationWorker: Sendable {
    private let jobs: BlockingQueue<GenerationJob>
    private let thread: NamedThread

    /// - Parameters:
    ///   - activeLimit: answers in the making.
    ///   - queueLimit: requests that may wait for a place.
    init(engine: any AnswerEngine, activeLimit: Int, queueLimit: Int) throws(ImpRAGError) {
        let jobs = BlockingQueue<GenerationJob>(limit: queueLimit)
        self.jobs = jobs
        thread = try NamedThread("generate") {
            GenerationLoop(engine, jobs, activeLimit: activeLimit).run()
        }
    }

    /// Requests that wait for a place.
    var waitingCount: Int { jobs.count }

    /// Queues a request; its replies are sent from the worker's thread. Returns when the last has been sent.
    func generate(_ job: GenerationJob) async throws(ImpRAGError) {
        switch jobs.push(job) {
        case .accepted: try await job.done.value()
        case .full:
            throw ImpRAGError(
                .resourceExhausted,
                "\(jobs.limit) requests already wait to be answered, which is the limit; try again later")
        case .closed:
            throw ImpRAGError(.unavailable, "the generator is stopping")
        }
    }

    func stop(milliseconds: Int) -> Bool {
        jobs.close()
        return thread.join(milliseconds: milliseconds)
    }
}

/// The body of the worker's thread, which owns it.
private final class GenerationLoop {
    private struct Answer {
        let job: GenerationJob
        let source: any AnswerSource
        let startTime: ContinuousClock.Instant
        let readTime: Duration
        var firstTokenTime: Duration?
    }

    private let engine: any AnswerEngine
    private let jobs: BlockingQueue<GenerationJob>
    private var schedule: GenerationSchedule<Int>
    private var answers: [Int: Answer] = [:]
    private var nextID = 0

    init(_ engine: any AnswerEngine, _ jobs: BlockingQueue<GenerationJob>, activeLimit: Int) {
        self.engine = engine
        self.jobs = jobs
        schedule = GenerationSchedule(activeLimit: activeLimit)
    }

    /// Until the queue is closed and all answers have ended.
    func run() {
        while true {
            switch schedule.next(waiting: jobs.count) {
            case .admit:
                if let job = jobs.pop(upTo: 1, waiting: false).first { admit(job) }
            case .step(let id):
                step(id)
            case .wait:
                guard let job = jobs.pop() else { return }
                admit(job)
            }
        }
    }

    private func admit(_ job: GenerationJob) {
        guard !job.isAbandoned else { return job.done.fulfil(.failure(Self.abandoned)) }
        let start = ContinuousClock.now
        do throws(ImpRAGError) {
            try job.request.deadline.check("the request waited for a place among the answers")
            let source = try engine.begin(
                from: job.state, passages: job.passages, encoding: job.encoding, sampling: job.sampling)
            let id = nextID
            nextID += 1
            answers[id] = Answer(job: job, source: source, startTime: start, readTime: .now - start)
            schedule.admitted(id)
        } catch {
            job.done.fulfil(.failure(error))
        }
    }

    private func step(_ id: Int) {
        guard let answer = answers[id] else { return schedule.finished(id) }
        guard !answer.job.isAbandoned else { return end(id, .failure(Self.abandoned)) }
        do throws(ImpRAGError) {
            try answer.job.request.deadline.check("the answer was not finished")
            if let token = try answer.source.step() {
                if answer.firstTokenTime == nil { answers[id]?.firstTokenTime = .now - answer.job.request.arrival }
                // False when the client does not read or has gone: the same as a cancel.
                guard answer.job.request.reply(.token(token), more: true) else {
                    return end(id, .failure(Self.abandoned))
                }
            }
            if answer.source.end != nil { finish(id) }
        } catch {
            end(id, .failure(error))
        }
    }

    private func finish(_ id: Int) {
        guard let answer = answers[id] else { return }
        let arrival = answer.job.request.arrival
        let done = GenerateDone(
            end: answer.source.end ?? .stop, passageAttention: answer.source.passageAttention,
            generatedTokenCount: answer.source.tokenCount,
            timings: Timings(
                queue: answer.startTime - arrival, read: answer.readTime,
                firstToken: answer.firstTokenTime ?? .zero, total: .now - arrival))
        answer.job.request.reply(.generateDone(done))
        end(id, .success(()))
    }

    private func end(_ id: Int, _ result: Result<Void, ImpRAGError>) {
        answers.removeValue(forKey: id)?.job.done.fulfil(result)
        schedule.finished(id)
    }

    private static let abandoned = ImpRAGError(.cancelled, "nobody waits for the answer any more")
}
