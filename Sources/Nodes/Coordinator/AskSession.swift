import Cluster
import Core
import Messaging
import Wire

/// One ask: a search, then a generator that gets the passages and the prompt's state and whose tokens are relayed to
/// the client. Pure.
///
/// A generator that is lost before its first token is replaced by another one, as long as there is one.
struct AskSession: Session {
    private enum Phase {
        case retrieving
        /// Waiting for a generator. `waitsBecause` is set while none is ready: the error if none becomes ready in time.
        case choosing(Material, waitsBecause: ImpRAGError?)
        case generating(Material, attempt: Int, on: String, hasSpoken: Bool)
        case ended
    }

    /// What an answer is made of.
    private struct Material {
        let prompt: EncodedPrompt
        let found: FanOut.Outcome
    }

    private let ask: AskRequest
    private let checked: CheckedAsk
    private let check: RequestCheck
    private let deadline: Deadline
    private let arrival: ContinuousClock.Instant
    private var retrieval: Retrieval
    private var phase = Phase.retrieving
    private var sampling: SamplingOptions
    private var timings = Timings()
    private var attempts = 0

    /// - Throws: `invalidArgument` listing everything that is wrong with the request.
    init(
        _ ask: AskRequest, check: RequestCheck, deadline: Deadline, arrival: ContinuousClock.Instant
    ) throws(ImpRAGError) {
        try RequestCheck.requireText(ask.prompt)
        self.ask = ask
        self.check = check
        self.deadline = deadline
        self.arrival = arrival
        checked = try check.ask(ask)
        sampling = checked.sampling.options
        retrieval = Retrieval(
            Retrieval.Query(
                prompt: ask.prompt, k: checked.k, words: ask.words, options: ask.options, policy: ask.completeness,
                share: check.settings.searchDeadlineShare, deadline: deadline))
    }

    /// Unlike a search by words alone, an ask always needs the prompt's state: the answer starts from it.
    func begin() -> [SessionAction] { [.tokenize(ask.prompt)] }

    mutating func handle(_ event: SessionEvent, at now: ContinuousClock.Instant) -> [SessionAction] {
        if case .abandoned = event { return end(.abandoned) }
        switch phase {
        case .retrieving: return retrieve(event, at: now)
        case .choosing(let material, let reason): return choose(event, for: material, reason, at: now)
        case .generating(let material, let attempt, let name, let hasSpoken):
            guard case .generated(attempt, let call) = event else { return [] }
            return relay(call, of: material, attempt: attempt, from: name, hasSpoken: hasSpoken, at: now)
        case .ended: return []
        }
    }

    private mutating func retrieve(_ event: SessionEvent, at now: ContinuousClock.Instant) -> [SessionAction] {
        var maxTokens: Int?
        let (check, checked) = (check, checked)
        let step = retrieval.handle(event, at: now) { tokens throws(ImpRAGError) in
            maxTokens = try check.answerTokens(for: checked, promptTokens: tokens)
            return checked.k
        }
        if let maxTokens { sampling.maxTokens = maxTokens }
        switch step {
        case .act(let actions): return actions
        case .failed(let error): return end(.fail(error))
        case .found(let outcome, let last):
            guard let prompt = retrieval.prompt else {
                return end(.fail(ImpRAGError(.internal, "passages were found for a prompt that nobody has read")))
            }
            timings = retrieval.timings
            phase = .choosing(Material(prompt: prompt, found: outcome), waitsBecause: nil)
            let sources = AskSources(
                passages: ask.omitPassageText ? outcome.passages.map(\.withoutText) : outcome.passages,
                completeness: outcome.completeness, isFiltered: ask.options.filter != nil,
                hasWords: ask.words.mode != .off)
            return last + [.reply(.sources(sources)), .reserveGenerator]
        }
    }

    // MARK: Generator

    /// A little before the client's deadline: an error that names the generator must still arrive in time.
    private func generatorDeadline(at now: ContinuousClock.Instant) -> Deadline {
        let left = deadline.instant - now
        return Deadline(
            deadline.instant - min(.milliseconds(CoordinatorService.returnMilliseconds), left / 10),
            on: deadline.clock)
    }

    private mutating func choose(
        _ event: SessionEvent, for material: Material, _ reason: ImpRAGError?, at now: ContinuousClock.Instant
    ) -> [SessionAction] {
        switch event {
        case .reserved(.success(.reserved(let name))): return hand(material, to: name, at: now)
        case .reserved(.success(.notYet(let newReason))):
            phase = .choosing(material, waitsBecause: newReason)
            return reason == nil ? [.wake(at: generatorDeadline(at: now).instant)] : []
        case .reserved(.failure(let error)): return end(.fail(error))
        case .generatorsChanged: return reason == nil ? [] : [.reserveGenerator]
        case .alarm: return reason.map { end(.fail($0)) } ?? []
        case .tokenized, .encoded, .looked, .part, .overdue, .lost, .generated, .abandoned: return []
        }
    }

    private mutating func hand(
        _ material: Material, to name: String, at now: ContinuousClock.Instant
    ) -> [SessionAction] {
        attempts += 1
        phase = .generating(material, attempt: attempts, on: name, hasSpoken: false)
        let request = GenerateRequest(
            promptTokens: material.prompt.tokens, k: checked.k,
            passages: material.found.passages.map(\.withoutMetadata), encoding: checked.encoding, sampling: sampling)
        return [.generate(attempt: attempts, on: name, request, material.prompt.tensors, generatorDeadline(at: now))]
    }

    /// Relays an answer to the client until its end.
    private mutating func relay(
        _ event: CallEvent, of material: Material, attempt: Int, from name: String, hasSpoken: Bool,
        at now: ContinuousClock.Instant
    ) -> [SessionAction] {
        switch event {
        case .failed(let error):
            // Retried only when the connection failed: an error from the generator itself is the answer.
            guard !hasSpoken, error.code == .unavailable, !(error.cause is RemoteFailure) else {
                return end(.fail(error))
            }
            phase = .choosing(material, waitsBecause: nil)
            return [.releaseGenerator(name), .lostGenerator(name, error), .reserveGenerator]
        case .reply(let reply, let isLast):
            var actions: [SessionAction] = []
            if !hasSpoken {
                timings.firstToken = now - arrival
                phase = .generating(material, attempt: attempt, on: name, hasSpoken: true)
                // The generator has the state now.
                actions.append(.releaseState)
            }
            switch reply.body {
            case .token(let token) where !isLast: return actions + [.reply(.token(token))]
            case .generateDone(let done): return actions + end(.finish(finished(done, of: material, at: now)))
            default:
                let error = ImpRAGError(.internal, "\(name) answered generate with \(reply.body.name)")
                return actions + end(.fail(error))
            }
        }
    }

    private func finished(_ done: GenerateDone, of material: Material, at now: ContinuousClock.Instant) -> Reply {
        var timings = timings
        timings.read = done.timings.read
        timings.total = now - arrival
        return .askDone(
            AskDone(
                end: done.end, passageAttention: done.passageAttention, promptTokenCount: material.prompt.tokens.count,
                generatedTokenCount: done.generatedTokenCount, timings: timings,
                completeness: material.found.completeness))
    }

    /// Ends the request in whatever phase it is, and releases its generator's place.
    private mutating func end(_ action: SessionAction) -> [SessionAction] {
        defer { phase = .ended }
        switch phase {
        case .ended: return []
        case .generating(_, _, on: let name, _): return [.releaseGenerator(name), action]
        case .retrieving, .choosing: return [action]
        }
    }
}

extension ScoredPassage {
    /// What the model reads; it never sees metadata.
    var withoutMetadata: Passage { Passage(id: passage.id, title: passage.title, text: passage.text) }

    /// Only id, scores and ranks.
    var withoutText: ScoredPassage {
        ScoredPassage(
            passage: Passage(id: passage.id, title: "", text: ""), score: score, rank: rank, byVector: byVector,
            byWords: byWords)
    }
}
