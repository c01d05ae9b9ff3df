import Cluster
import Core
import Messaging
import Wire

/// One ask: a search, then a generator that gets the passages and the prompt's state and whose tokens are relayed to
/// the client. Pure.
///
/// A generator that is lost is replaced by another one, which also gets the tokens so far and goes on after them: its
/// tokens are those that the lost one would have sent. That is why the prompt's state is kept until the answer's end.
struct AskSession: Session {
    private enum Phase {
        case retrieving
        case choosing(Material, Waiting?)
        case generating(Material, Attempt)
        case ended
    }

    /// No generator is ready.
    private struct Waiting {
        /// The error if none becomes ready in time.
        let reason: ImpRAGError
        let end: ContinuousClock.Instant
    }

    /// A generator at work.
    private struct Attempt {
        let number: Int
        let generator: String
        /// It does not answer: it is replaced as soon as there is another one, unless it is heard from before.
        var isDoubted = false
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
    /// Attempts in a row that failed without a token.
    private var fruitless = 0
    /// What the client has of the answer.
    private var tokens: [Int32] = []
    /// Whether the client has what was held back behind the last token.
    private var hasRest = false
    private let context: AnswerContext
    /// Nil when every question gets an answer.
    private let rule: AbstainRule?

    /// - Parameters:
    ///   - context: what it is answered in.
    ///   - seed: of a sampled answer whose client gives none: every generator must choose the same tokens.
    /// - Throws: `invalidArgument` listing everything that is wrong with the request.
    init(
        _ ask: AskRequest, check: RequestCheck, context: AnswerContext, deadline: Deadline,
        arrival: ContinuousClock.Instant, seed: UInt64 = .random(in: .min ... .max)
    ) throws(ImpRAGError) {
        let text = try RequestCheck.text(of: ask)
        self.ask = ask
        self.check = check
        self.deadline = deadline
        self.arrival = arrival
        self.context = context
        checked = try check.ask(ask)
        rule =
            check.abstains(ask)
            ? AbstainRule(
                words: ask.words.mode, encoding: checked.encoding, k: checked.k, known: context.collection?.certainty,
                fingerprint: context.fingerprint) : nil
        sampling = checked.sampling.options
        if sampling.temperature > 0, sampling.seed == nil { sampling.seed = seed }
        retrieval = Retrieval(
            Retrieval.Query(
                prompt: text, k: checked.k, words: ask.words, options: ask.options, policy: ask.completeness,
                share: check.settings.searchDeadlineShare, deadline: deadline))
    }

    /// Unlike a search by words alone, an ask always needs the prompt's state: the answer starts from it.
    func begin() -> [SessionAction] {
        [.tokenize(ask.messages.isEmpty ? .plain(ask.prompt) : .chat(ask.messages))]
    }

    mutating func handle(_ event: SessionEvent, at now: ContinuousClock.Instant) -> [SessionAction] {
        if case .abandoned = event { return end(.abandoned) }
        switch phase {
        case .retrieving: return retrieve(event, at: now)
        case .choosing(let material, let waiting): return choose(event, for: material, waiting, at: now)
        case .generating(let material, let attempt): return generate(event, of: material, attempt, at: now)
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
            phase = .choosing(Material(prompt: prompt, found: outcome), nil)
            let sources = AskSources(
                passages: ask.omitPassageText ? outcome.passages.map(\.withoutText) : outcome.passages,
                completeness: outcome.completeness, isFiltered: ask.options.filter != nil,
                hasWords: ask.words.mode != .off)
            let missing = outcome.completeness.shards.filter { $0.state != .answered }.map(\.name)
            let known = outcome.completeness.isComplete ? [] : missing
            guard let abstention = rule?.before(outcome.passages, missing: known) else {
                return last + [.reply(.sources(sources)), .reserveGenerator]
            }
            let refusal = refused(abstention, Material(prompt: prompt, found: outcome), at: now)
            return last + [.reply(.sources(sources))] + end(.finish(refusal))
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
        _ event: SessionEvent, for material: Material, _ waiting: Waiting?, at now: ContinuousClock.Instant
    ) -> [SessionAction] {
        switch event {
        case .reserved(.success(.reserved(let name))): return hand(material, to: name, at: now)
        case .reserved(.success(.notYet(let reason))): return wait(for: material, waiting, reason, at: now)
        case .reserved(.failure(let error)):
            // Nobody else can finish an answer that has begun, so it waits as long as its client does.
            guard tokens.isEmpty, !hasRest else { return wait(for: material, waiting, error, at: now) }
            return end(.fail(error))
        case .generatorsChanged: return waiting == nil ? [] : [.reserveGenerator]
        case .alarm:
            guard let waiting, now >= waiting.end else { return [] }
            return end(.fail(waiting.reason))
        case .tokenized, .encoded, .looked, .part, .overdue, .generated, .lost, .abandoned: return []
        }
    }

    private mutating func wait(
        for material: Material, _ waiting: Waiting?, _ reason: ImpRAGError, at now: ContinuousClock.Instant
    ) -> [SessionAction] {
        let end = waiting?.end ?? generatorDeadline(at: now).instant
        phase = .choosing(material, Waiting(reason: reason, end: end))
        return waiting == nil ? [.wake(at: end)] : []
    }

    private mutating func hand(
        _ material: Material, to name: String, at now: ContinuousClock.Instant
    ) -> [SessionAction] {
        attempts += 1
        phase = .generating(material, Attempt(number: attempts, generator: name))
        let request = GenerateRequest(
            promptTokens: material.prompt.tokens, k: checked.k,
            passages: material.found.passages.map(\.withoutMetadata), encoding: checked.encoding, sampling: sampling,
            resumeTokens: tokens, speculates: ask.speculates, measuresTokens: ask.measuresTokens)
        return [.generate(attempt: attempts, on: name, request, material.prompt.tensors, generatorDeadline(at: now))]
    }

    private mutating func generate(
        _ event: SessionEvent, of material: Material, _ attempt: Attempt, at now: ContinuousClock.Instant
    ) -> [SessionAction] {
        var attempt = attempt
        switch event {
        case .generated(attempt.number, .failed(let error)): return failed(error, of: material, attempt)
        case .generated(attempt.number, .reply(let reply, let isLast)):
            attempt.isDoubted = false
            phase = .generating(material, attempt)
            return relay(reply, isLast: isLast, of: material, from: attempt.generator, at: now)
        case .lost(attempt.generator):
            attempt.isDoubted = true
            phase = .generating(material, attempt)
            return [.reserveGenerator]
        case .generatorsChanged: return attempt.isDoubted ? [.reserveGenerator] : []
        case .reserved(.success(.reserved(let name))):
            // It may have been heard from meanwhile: what it does is not begun again.
            guard attempt.isDoubted, name != attempt.generator else {
                attempt.isDoubted = false
                phase = .generating(material, attempt)
                return [.releaseGenerator(name)]
            }
            return [.releaseGenerator(attempt.generator)] + hand(material, to: name, at: now)
        case .tokenized, .encoded, .looked, .part, .overdue, .reserved, .alarm, .generated, .lost, .abandoned: return []
        }
    }

    /// A request that every generator fails at, at the same token, may be what ends them.
    private static let fruitlessLimit = 5

    /// Moves the answer when its generator is gone or stops; any other error of a generator is the answer.
    private mutating func failed(
        _ error: ImpRAGError, of material: Material, _ attempt: Attempt
    ) -> [SessionAction] {
        fruitless += 1
        guard error.code == .unavailable, fruitless < Self.fruitlessLimit else { return end(.fail(error)) }
        phase = .choosing(material, nil)
        return [
            .releaseGenerator(attempt.generator), .lostGenerator(attempt.generator, error), .reserveGenerator,
        ]
    }

    /// Relays an answer to the client until its end.
    private mutating func relay(
        _ reply: IncomingReply, isLast: Bool, of material: Material, from name: String, at now: ContinuousClock.Instant
    ) -> [SessionAction] {
        if timings.firstToken == .zero { timings.firstToken = now - arrival }
        switch reply.body {
        case .token(let token) where !isLast:
            if let id = token.token {
                tokens.append(id)
                fruitless = 0
            } else {
                // The generator before was lost between it and the answer's end.
                guard !hasRest else { return [] }
                hasRest = true
            }
            return [.reply(.token(token))]
        case .generateDone(let done): return end(.finish(finished(done, of: material, at: now)))
        default:
            return end(.fail(ImpRAGError(.internal, "\(name) answered generate with \(reply.body.name)")))
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
                completeness: material.found.completeness, proposedTokenCount: done.proposedTokenCount,
                acceptedTokenCount: done.acceptedTokenCount, abstention: rule?.after(attention: done.passageAttention),
                record: record(of: material.found, by: done.arithmetic), abstainNotice: rule?.notice ?? ""))
    }

    /// The end of a request that gets no answer. No generator has been asked.
    private func refused(_ abstention: Abstention, _ material: Material, at now: ContinuousClock.Instant) -> Reply {
        var timings = timings
        timings.total = now - arrival
        return .askDone(
            AskDone(
                end: .stop, passageAttention: [], promptTokenCount: material.prompt.tokens.count,
                generatedTokenCount: 0, timings: timings, completeness: material.found.completeness,
                abstention: abstention, record: record(of: material.found), abstainNotice: rule?.notice ?? ""))
    }

    /// - Parameter generator: what the generator computes with that ended the answer.
    private func record(of found: FanOut.Outcome, by generator: Arithmetic? = nil) -> AskRecord {
        AskRecord(
            fingerprint: context.fingerprint, coordinator: context.arithmetic,
            collectionID: context.collection?.id ?? "", collectionName: context.collection?.name ?? "", k: checked.k,
            encoding: checked.encoding, wordsWeight: found.wordsWeight, sampling: sampling,
            partitions: found.partitions, abstains: rule != nil, generator: generator)
    }

    /// Ends the request in whatever phase it is, and releases its generator's place.
    private mutating func end(_ action: SessionAction) -> [SessionAction] {
        defer { phase = .ended }
        switch phase {
        case .ended: return []
        case .generating(_, let attempt): return [.releaseGenerator(attempt.generator), action]
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
