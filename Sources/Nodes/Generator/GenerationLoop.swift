import Cluster
import Core
import Wire

/// The answers in progress: admits requests, reads, generates tokens, ends answers. It decides and computes; its
/// decisions are returned, and the caller tells the clients.
struct GenerationLoop {
    /// What became of an order.
    enum Decision: Sendable {
        case token(Int, AnswerToken)
        /// Nothing follows.
        case done(Int, GenerateDone)
        /// Nothing follows.
        case failed(Int, ImpRAGError)
    }

    private struct Answer {
        let order: GenerationOrder
        let source: any AnswerSource
        let startTime: ContinuousClock.Instant
        var readTime: Duration?
        var firstTokenTime: Duration?
        /// It is admitted again only once it will not have to be suspended again.
        var wasSuspended = false
    }

    private let engine: any AnswerEngine
    private let memory: ByteCount
    private let clock: any Clock
    private var schedule: GenerationSchedule<Int>
    private var answers: [Int: Answer] = [:]
    /// Begun, but without memory, in the order in which they are to be admitted.
    private var waiting: [Int] = []
    private var decisions: [Decision] = []
    private let metrics: GenerationMetrics
    /// What the next request may expect.
    private(set) var forecast: GenerationForecast
    /// The last round's end; nil after one that left nothing to do.
    private var lastEnd: ContinuousClock.Instant?

    /// Tokens of passages or of a prompt that are read between two decoding steps.
    static let readTokens = 256

    /// - Parameters:
    ///   - activeLimit: the most answers in progress.
    ///   - memory: bytes of passages and caches that they may hold together.
    ///   - metrics: updated after each round.
    init(
        _ engine: any AnswerEngine, activeLimit: Int, memory: ByteCount, metrics: GenerationMetrics, clock: any Clock
    ) {
        self.engine = engine
        self.memory = memory
        self.metrics = metrics
        self.clock = clock
        schedule = GenerationSchedule(activeLimit: activeLimit, byteLimit: memory.bytes)
        forecast = GenerationForecast(places: activeLimit)
    }

    /// Whether a round would do nothing but admit orders.
    var isIdle: Bool { answers.isEmpty }

    /// One round: admits what fits, reads one part of one request, generates one token of every answer that has been
    /// read, and those that the same pass has verified.
    ///
    /// - Parameters:
    ///   - next: takes the next waiting order that these places admit.
    ///   - isAbandoned: whether nobody waits for an answer any more; asked once per answer and round.
    mutating func round(
        next: (GenerationPlaces) -> GenerationOrder?, isAbandoned: (Int) -> Bool
    ) -> [Decision] {
        let start = lastEnd ?? clock.now
        for id in answers.keys.sorted() { drop(id, isAbandoned: isAbandoned(id)) }
        takeIn(next, isAbandoned)
        makeRoom()
        let readTokens = schedule.nextReader().map { read($0) } ?? 0
        makeRoom()
        let isStep = step()
        lastEnd = isIdle ? nil : clock.now
        forecast.pace.round(of: clock.now - start, readTokens: readTokens, isStep: isStep)
        forecast.update(loads)
        metrics.active.set(schedule.count)
        metrics.waiting.set(waiting.count)
        metrics.bytes.set(schedule.bytes)
        defer { decisions = [] }
        return decisions
    }

    private var loads: [RemoteClient: GenerationForecast.Load] {
        var loads: [RemoteClient: GenerationForecast.Load] = [:]
        for answer in answers.values { loads[answer.order.client, default: .none].add(answer.source.unreadTokens) }
        return loads
    }

    // MARK: Admission

    /// Gives out places. What waits for memory is admitted first come, first served: a large request is not overtaken
    /// forever.
    private mutating func takeIn(_ next: (GenerationPlaces) -> GenerationOrder?, _ isAbandoned: (Int) -> Bool) {
        while true {
            guard let id = waiting.first else {
                if let order = next(schedule.places) {
                    open(order, isAbandoned: isAbandoned(order.id))
                } else if !schedule.resume() {
                    return
                }
                continue
            }
            guard let answer = answers[id] else { preconditionFailure("a request waits that is not there") }
            let source = answer.source
            let bytes = answer.wasSuspended ? source.largestBytes : source.nextBytes
            guard schedule.hasPlace || schedule.places.admits(answer.order.client) else { return }
            // Admitted alone in any case: what suspended answers keep must not lock everybody out.
            guard schedule.fits(id, bytes: bytes) || schedule.isEmpty else {
                // Paused answers have their memory.
                guard schedule.resume() else { return }
                continue
            }
            if !schedule.hasPlace {
                schedule.pause()
                metrics.pauses.add()
            }
            waiting.removeFirst()
            schedule.admitted(
                id, of: answer.order.client, unreadTokens: source.unreadTokens, bytes: source.nextBytes)
        }
    }

    private mutating func open(_ order: GenerationOrder, isAbandoned: Bool) {
        guard !isAbandoned else { return decisions.append(.failed(order.id, Self.abandoned)) }
        do throws(ImpRAGError) {
            try order.deadline.check("the request waited for a place among the answers")
            let job = order.job
            let source = try engine.begin(
                from: job.state, passages: job.passages, sequences: job.sequences, encoding: job.encoding,
                sampling: job.sampling, resuming: job.resumeTokens, states: job.states,
                speculates: job.speculates, measuresTokens: job.measuresTokens)
            guard source.largestBytes <= memory.bytes else {
                throw ImpRAGError(
                    .resourceExhausted,
                    "this answer may need \(ByteCount(source.largestBytes)) for passages and caches, but the generator's "
                        + "answer_memory is \(memory); ask for fewer passages or tokens, or raise it")
            }
            answers[order.id] = Answer(order: order, source: source, startTime: clock.now)
            waiting.append(order.id)
        } catch {
            decisions.append(.failed(order.id, error))
        }
    }

    // MARK: Rounds

    /// Ends an answer that nobody waits for or whose deadline has passed.
    private mutating func drop(_ id: Int, isAbandoned: Bool) {
        guard !isAbandoned else { return end(id, .failed(id, Self.abandoned)) }
        do throws(ImpRAGError) {
            try answers[id]?.order.deadline.check("the answer was not finished")
        } catch {
            notePace(of: id, isCut: true)
            end(id, .failed(id, error))
        }
    }

    /// Suspends the latest arrivals while the others need their memory. They lose nothing but time.
    private mutating func makeRoom() {
        while let id = schedule.superfluous, let answer = answers[id] {
            answer.source.suspend()
            schedule.suspended(id, keptBytes: answer.source.keptBytes)
            answers[id]?.wasSuspended = true
            waiting.insert(id, at: 0)
            metrics.suspensions.add()
        }
    }

    /// Returns how many tokens were read.
    private mutating func read(_ id: Int) -> Int {
        guard let answer = answers[id] else {
            schedule.removed(id)
            return 0
        }
        let unread = answer.source.unreadTokens
        do throws(ImpRAGError) {
            try answer.source.read(tokenLimit: Self.readTokens)
            if !answer.source.isReading, answer.readTime == nil {
                let time = clock.now - answer.startTime
                answers[id]?.readTime = time
            }
            refresh(id, answer.source)
        } catch {
            end(id, .failed(id, error))
        }
        return unread - answer.source.unreadTokens
    }

    /// Returns whether there was something to do.
    private mutating func step() -> Bool {
        let ids = schedule.ready
        guard !ids.isEmpty else { return false }
        metrics.steps.add()
        advance(ids)
        var ahead = ids
        while true {
            ahead = ahead.filter { answers[$0]?.source.isAhead == true }
            guard !ahead.isEmpty else { return true }
            advance(ahead)
        }
    }

    /// One token of each answer. Proposals take only places that are free, so the answers beside them are delayed no
    /// more than they would be by as many other answers.
    private mutating func advance(_ ids: [Int]) {
        let results = engine.step(
            ids.compactMap { answers[$0]?.source }, spareRows: schedule.activeLimit - ids.count)
        for (id, result) in zip(ids, results) {
            switch result {
            case .success(let token): passOn(token, of: id)
            case .failure(let error): end(id, .failed(id, error))
            }
        }
    }

    private mutating func passOn(_ token: AnswerToken?, of id: Int) {
        guard let answer = answers[id] else { return }
        if let token {
            metrics.tokens.add()
            let time = clock.now - answer.order.arrival
            if answer.firstTokenTime == nil { answers[id]?.firstTokenTime = time }
            decisions.append(.token(id, token))
        }
        if let reason = answer.source.end {
            finish(id, reason)
        } else {
            refresh(id, answer.source)
        }
    }

    private mutating func refresh(_ id: Int, _ source: any AnswerSource) {
        schedule.update(
            id, isReading: source.isReading, unreadTokens: source.unreadTokens, bytes: source.nextBytes)
    }

    // MARK: Ends

    private mutating func finish(_ id: Int, _ reason: AnswerEnd) {
        guard let answer = answers[id] else { return }
        let arrival = answer.order.arrival
        let done = GenerateDone(
            end: reason, passageAttention: answer.source.passageAttention,
            generatedTokenCount: answer.source.tokenCount,
            timings: Timings(
                queue: answer.startTime - arrival, read: answer.readTime ?? .zero,
                firstToken: answer.firstTokenTime ?? .zero, total: clock.now - arrival),
            proposedTokenCount: answer.source.proposedTokens, acceptedTokenCount: answer.source.acceptedTokens)
        notePace(of: id, isCut: false)
        end(id, .done(id, done))
    }

    private mutating func notePace(of id: Int, isCut: Bool) {
        guard let answer = answers[id] else { return }
        let length = Double(answer.source.tokenCount) / Double(answer.order.job.sampling.maxTokens)
        forecast.pace.answer(of: clock.now - answer.startTime, length: isCut ? nil : length)
    }

    private mutating func end(_ id: Int, _ decision: Decision) {
        if let source = answers[id]?.source {
            metrics.proposed.add(source.proposedTokens)
            metrics.accepted.add(source.acceptedTokens)
        }
        answers[id] = nil
        schedule.removed(id)
        waiting.removeAll { $0 == id }
        decisions.append(decision)
    }

    private static let abandoned = ImpRAGError(.cancelled, "nobody waits for the answer any more")
}
