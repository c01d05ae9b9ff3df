import Core
import Messaging
import Platform
import Wire

/// The body of the worker's thread, which owns it: takes requests in, reads, makes tokens, ends answers.
final class GenerationLoop {
    private struct Answer {
        let job: GenerationJob
        let source: any AnswerSource
        let startTime: ContinuousClock.Instant
        var readTime: Duration?
        var firstTokenTime: Duration?
        /// It comes back when it will not have to leave again.
        var wasSuspended = false
    }

    private let engine: any AnswerEngine
    private let jobs: BlockingQueue<GenerationJob>
    private let memory: ByteCount
    private let report: (GenerationFigures) -> Void
    private var schedule: GenerationSchedule<Int>
    private var answers: [Int: Answer] = [:]
    /// Opened, but without memory: in the order in which they are to be taken in.
    private var waiting: [Int] = []
    private var nextID = 0
    private var figures: GenerationFigures

    /// Tokens of passages or of a prompt that are read between two tokens of the answers in the making.
    static let readTokens = 256

    init(
        _ engine: any AnswerEngine, _ jobs: BlockingQueue<GenerationJob>, activeLimit: Int, memory: ByteCount,
        report: @escaping (GenerationFigures) -> Void
    ) {
        self.engine = engine
        self.jobs = jobs
        self.memory = memory
        self.report = report
        schedule = GenerationSchedule(activeLimit: activeLimit, byteLimit: memory.bytes)
        figures = GenerationFigures(limit: memory)
    }

    /// Until the queue is closed and all answers have ended.
    func run() {
        while true {
            takeIn()
            publish()
            if schedule.count == 0 {
                guard let job = jobs.pop() else { return }
                open(job)
                continue
            }
            dropAbandoned()
            makeRoom()
            if let id = schedule.nextReader() { read(id) }
            makeRoom()
            step()
        }
    }

    // MARK: Taking in

    /// Gives places to those that wait, first come, first served: a large request is not overtaken for ever.
    private func takeIn() {
        while schedule.hasPlace {
            if waiting.isEmpty {
                guard let job = jobs.pop(upTo: 1, waiting: false).first else { return }
                open(job)
                continue
            }
            guard let answer = answers[waiting[0]] else { preconditionFailure("a request waits that is not there") }
            if drop(waiting[0]) { continue }
            let source = answer.source
            let bytes = answer.wasSuspended ? source.largestBytes : source.nextBytes
            // Alone it fits: what others keep may not lock everybody out.
            guard schedule.admits(waiting[0], bytes: bytes) || schedule.count == 0 else { return }
            let id = waiting.removeFirst()
            schedule.admitted(id, unreadTokens: source.unreadTokens, bytes: source.nextBytes)
        }
    }

    private func open(_ job: GenerationJob) {
        guard !job.isAbandoned else { return job.done.fulfil(.failure(Self.abandoned)) }
        do throws(ImpRAGError) {
            try job.request.deadline.check("the request waited for a place among the answers")
            let source = try engine.begin(
                from: job.state, passages: job.passages, sequences: job.sequences, encoding: job.encoding,
                sampling: job.sampling, states: job.states)
            guard source.largestBytes <= memory.bytes else {
                throw ImpRAGError(
                    .resourceExhausted,
                    "this answer may need \(ByteCount(source.largestBytes)) for passages and caches, but the generator's "
                        + "answer_memory is \(memory); ask for fewer passages or tokens, or raise it")
            }
            answers[nextID] = Answer(job: job, source: source, startTime: .now)
            waiting.append(nextID)
            nextID += 1
        } catch {
            job.done.fulfil(.failure(error))
        }
    }

    // MARK: Rounds

    private func dropAbandoned() {
        for id in answers.keys.sorted() { _ = drop(id) }
    }

    /// Ends an answer that nobody waits for or whose time is over. Returns whether it did.
    private func drop(_ id: Int) -> Bool {
        guard let answer = answers[id] else { return false }
        guard !answer.job.isAbandoned else {
            end(id, .failure(Self.abandoned))
            return true
        }
        do throws(ImpRAGError) {
            try answer.job.request.deadline.check("the answer was not finished")
            return false
        } catch {
            end(id, .failure(error))
            return true
        }
    }

    /// Takes memory back from those that came last, while the others need it. They lose nothing but time.
    private func makeRoom() {
        while let id = schedule.superfluous, let answer = answers[id] {
            answer.source.suspend()
            schedule.suspended(id, keptBytes: answer.source.keptBytes)
            answers[id]?.wasSuspended = true
            waiting.insert(id, at: 0)
            figures.suspensions += 1
        }
    }

    private func read(_ id: Int) {
        guard let answer = answers[id] else { return schedule.removed(id) }
        do throws(ImpRAGError) {
            try answer.source.read(tokenLimit: Self.readTokens)
            if !answer.source.isReading, answer.readTime == nil {
                answers[id]?.readTime = .now - answer.startTime
            }
            refresh(id, answer.source)
        } catch {
            end(id, .failure(error))
        }
    }

    private func step() {
        let ids = schedule.ready
        guard !ids.isEmpty else { return }
        let results = engine.step(ids.compactMap { answers[$0]?.source })
        for (id, result) in zip(ids, results) {
            switch result {
            case .success(let token): passOn(token, of: id)
            case .failure(let error): end(id, .failure(error))
            }
        }
    }

    private func passOn(_ token: AnswerToken?, of id: Int) {
        guard let answer = answers[id] else { return }
        if let token {
            figures.tokens += 1
            if answer.firstTokenTime == nil { answers[id]?.firstTokenTime = .now - answer.job.request.arrival }
            // False when the client does not read or has gone: the same as a cancel.
            guard answer.job.request.reply(.token(token), more: true) else {
                return end(id, .failure(Self.abandoned))
            }
        }
        if answer.source.end != nil {
            finish(id)
        } else {
            refresh(id, answer.source)
        }
    }

    private func refresh(_ id: Int, _ source: any AnswerSource) {
        schedule.update(
            id, isReading: source.isReading, unreadTokens: source.unreadTokens, bytes: source.nextBytes)
    }

    private func publish() {
        figures.active = schedule.count
        figures.waiting = waiting.count
        figures.bytes = ByteCount(schedule.bytes)
        report(figures)
    }

    // MARK: Ends

    private func finish(_ id: Int) {
        guard let answer = answers[id] else { return }
        let arrival = answer.job.request.arrival
        let done = GenerateDone(
            end: answer.source.end ?? .stop, passageAttention: answer.source.passageAttention,
            generatedTokenCount: answer.source.tokenCount,
            timings: Timings(
                queue: answer.startTime - arrival, read: answer.readTime ?? .zero,
                firstToken: answer.firstTokenTime ?? .zero, total: .now - arrival))
        answer.job.request.reply(.generateDone(done))
        end(id, .success(()))
    }

    private func end(_ id: Int, _ result: Result<Void, ImpRAGError>) {
        answers.removeValue(forKey: id)?.job.done.fulfil(result)
        schedule.removed(id)
        waiting.removeAll { $0 == id }
    }

    private static let abandoned = ImpRAGError(.cancelled, "nobody waits for the answer any more")
}
