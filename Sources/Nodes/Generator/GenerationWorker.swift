import Cluster
import Core
import Messaging
import Platform
import Synchronization
import Wire

/// The thread that makes answers: all of the generator's matrix work happens on it, one step of all active answers at a time.
///
/// One thread, because every step already uses all cores through the matrix products.
final class GenerationWorker: Sendable {
    private let jobs: BlockingQueue<GenerationJob>
    private let thread: NamedThread
    private let shared = Shared()

    private final class Shared: Sendable {
        let figures = Mutex(GenerationFigures())
    }

    /// - Parameters:
    ///   - activeLimit: answers in the making.
    ///   - memory: bytes of passages and caches that they may hold together.
    ///   - queueLimit: requests that may wait for a place.
    init(
        engine: any AnswerEngine, activeLimit: Int, memory: ByteCount, queueLimit: Int
    ) throws(ImpRAGError) {
        let jobs = BlockingQueue<GenerationJob>(limit: queueLimit)
        self.jobs = jobs
        let shared = shared
        thread = try NamedThread("generate") {
            GenerationLoop(engine, jobs, activeLimit: activeLimit, memory: memory) { figures in
                shared.figures.withLock { $0 = figures }
            }.run()
        }
    }

    /// As the worker's thread saw them last, with what it has not taken from its queue.
    var figures: GenerationFigures {
        var figures = shared.figures.withLock { $0 }
        figures.waiting += jobs.count
        return figures
    }

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
