public import Core
import Synchronization
import Tokenizer

/// An answer as it is generated, token by token. Owned by one task at a time.
///
/// Passages and prompt are prefilled in chunks between other work (`read`). Then tokens come one at a time, alone
/// (`next`) or in one pass with those of other answers (`step`): the same tokens in all cases, and the same where a
/// pass verifies proposals of several tokens (`Proposer`). Each is chosen from its own logits with its own random
/// number, and a proposal that is not what was chosen is forgotten.
public final class AnswerStream {
    /// Softmax weight of the last prompt token on each passage, in rank order; empty before the prompt is read.
    public var passageAttention: [Float] { session.passageAttention }
    /// Set after the last step.
    public private(set) var end: AnswerEnd?
    /// Tokens so far, with those made elsewhere.
    public private(set) var tokenCount = 0

    private let model: LlamaModel
    private let session: DecodingSession
    private let passages: [[Int32]]
    private let encoding: PassageEncoding
    private let states: (any PassageStateSource)?
    private let endTokens: Set<Int32>
    private let maxTokens: Int
    /// Nil: a token comes without others that could have been it.
    private let topLogprobs: Int?
    /// Nil without `speculates`, and before the first token.
    private var proposer: Proposer?
    private let speculates: Bool
    private let promptTokens: [Int32]
    private var sampler: Sampler
    private var decoder: StreamDecoder
    private var stops: StopMatcher
    /// Nil before the first passage is read, and after the last.
    private var reading: PassageReading?
    private var passagesAreRead = false
    /// The token that `session` has not seen yet.
    private var pending: Int32?
    private var resumedTokens: [Int32] = []

    /// - Parameter tokens: the answer's first tokens, made elsewhere with the same sampling; the stream goes on after
    ///   them as the one that made them would have.
    /// - Parameter speculates: whether passes may verify several tokens.
    /// - Parameter measuresTokens: whether each token says how much of its attention went to which passage.
    init(
        _ model: LlamaModel, from state: PromptState, passages: [[Int32]], encoding: PassageEncoding,
        states: (any PassageStateSource)?, sampling: Sampling, resuming tokens: [Int32], speculates: Bool,
        measuresTokens: Bool, decoder: StreamDecoder
    ) throws(ImpRAGError) {
        self.model = model
        self.passages = passages
        self.encoding = encoding
        self.states = states
        self.decoder = decoder
        self.speculates = speculates
        promptTokens = state.tokens
        endTokens = model.configuration.endTokens
        maxTokens = sampling.maxTokens
        topLogprobs = sampling.options.topLogprobs
        sampler = Sampler(sampling)
        stops = StopMatcher(sampling.options.stop)
        session = try model.begin(state)
        session.measuresTokens = measuresTokens
        try model.check(passages, encoding: encoding)
        try resume(tokens, sampling.options)
    }

    /// Brings session, random stream, text and stop strings to where they were after `tokens`.
    private func resume(_ tokens: [Int32], _ options: SamplingOptions) throws(ImpRAGError) {
        guard !tokens.isEmpty else { return }
        guard options.temperature == 0 || options.seed != nil else {
            throw ImpRAGError(.invalidArgument, "a sampled answer is resumed with its seed, but there is none")
        }
        guard tokens.count <= maxTokens else {
            throw ImpRAGError(
                .invalidArgument, "max_tokens is \(maxTokens), but the answer to resume has \(tokens.count) tokens")
        }
        for (place, token) in tokens.enumerated() {
            guard end == nil, !endTokens.contains(token) else {
                throw ImpRAGError(
                    .invalidArgument,
                    "the answer to resume has \(tokens.count) tokens, but ends \(end == nil ? "at" : "before") token \(place)"
                )
            }
            _ = try say(token)
        }
        sampler.skip(tokens.count)
        try session.resume(tokens)
        tokenCount = tokens.count
        resumedTokens = tokens
    }

    // MARK: Reading

    /// Tokens of passages, prompt and, after `suspend`, of the answer that are still to be read; 0 before a token can
    /// follow.
    public var unreadTokens: Int {
        let passages =
            if let reading { reading.remainingTokens } else {
                passagesAreRead ? 0 : self.passages.reduce(0) { $0 + $1.count }
            }
        return passages + session.pendingTokens
    }

    /// Whether `read` has work to do before the next token.
    public var isReading: Bool { !passagesAreRead || session.pendingTokens > 0 }

    /// Prefills a chunk of what is unread: about `tokenLimit` tokens at most.
    public func read(tokenLimit: Int) throws(ImpRAGError) {
        guard !passagesAreRead else {
            session.readAhead(tokenLimit: tokenLimit)
            return
        }
        let reading = if let reading { reading } else { try beginReading() }
        self.reading = reading
        if reading.remainingTokens > 0, reading.advance(tokenLimit: tokenLimit), reading.remainingTokens > 0 { return }
        try session.take(reading.state)
        self.reading = nil
        passagesAreRead = true
    }

    /// Frees the passages and caches of a preempted answer; `read` computes them again, and the answer continues
    /// unchanged.
    public func suspend() {
        session.suspend()
        session.leavePassages()
        reading = nil
        passagesAreRead = false
    }

    // MARK: Memory

    /// Bytes that it holds, or will hold with the next token.
    public var nextBytes: Int {
        let proposed = min(proposalLimit, Proposer.limit)
        return keptBytes + passageBytes + session.cacheBytes(tokens: session.tokenCount + 1 + proposed)
            + session.logitBytes * proposed
    }

    /// Bytes that it will hold at most.
    public var largestBytes: Int {
        keptBytes + passageBytes + session.cacheBytes(tokens: session.tokenCount + maxTokens - tokenCount)
            + session.logitBytes * min(proposalLimit, Proposer.limit)
    }

    /// Bytes that it holds while it is suspended, too.
    public var keptBytes: Int { session.keptBytes + proposalBytes }

    private var proposalBytes: Int {
        speculates
            ? ProposalIndex.byteCount(passages: passages, prompt: promptTokens.count, answer: maxTokens) : 0
    }

    private var passageBytes: Int { model.passageBytes(passages.map(\.count), encoding: encoding) }

    // MARK: Tokens

    /// The next step, or nil when the answer has ended. Reads what is unread before.
    public func next() throws(ImpRAGError) -> AnswerToken? {
        while isReading { try read(tokenLimit: .max) }
        return try Self.step([self])[0].get()
    }

    /// Tokens that may be proposed: one more will follow the last of them, and all must be wanted.
    private var proposalLimit: Int { speculates ? max(0, maxTokens - tokenCount - 1) : 0 }

    /// Tokens that passes verified besides those that they had to compute.
    public var proposedTokens: Int { proposer?.proposedTokens ?? 0 }
    /// Those of them that were right, each of which saved the answer a pass.
    public var acceptedTokens: Int { proposer?.acceptedTokens ?? 0 }

    /// Whether an earlier pass has computed the next token: `step` makes it without one.
    public var isAhead: Bool { end == nil && tokenCount < maxTokens && pending.map(session.isAhead) ?? false }

    /// The next token of each answer, in one pass for all of them that are not `isAhead`. None may be `isReading`.
    ///
    /// - Parameter spareRows: tokens that may be proposed in the pass, of all answers together.
    public static func step(
        _ answers: [AnswerStream], spareRows: Int = .max
    ) -> [Result<AnswerToken?, ImpRAGError>] {
        var results = [Result<AnswerToken?, ImpRAGError>?](repeating: nil, count: answers.count)
        var joining: [(session: DecodingSession, tokens: [Int32])] = []
        let rows = answers.count { $0.end == nil && $0.tokenCount < $0.maxTokens && $0.pending != nil && !$0.isAhead }
        let ledger = answers.first?.model.proposals.withLock { $0 } ?? ProposalLedger()
        var budget = PassBudget(ledger.cost, rows: rows, spareRows: ledger.allowsProposals ? spareRows : 0)
        for (index, answer) in answers.enumerated() {
            if answer.end != nil {
                results[index] = .success(nil)
            } else if answer.tokenCount == answer.maxTokens {
                results[index] = .success(answer.finish(.length))
            } else if let token = answer.pending {
                guard !answer.advance(token) else { continue }
                do throws(ImpRAGError) {
                    try answer.session.check(token)
                    joining.append((answer.session, [token] + answer.propose(from: &budget)))
                } catch {
                    results[index] = .failure(error)
                }
            }
        }
        if let model = answers.first?.model, !joining.isEmpty { model.run(joining) }
        return zip(answers, results).map { answer, result in
            if let result { return result }
            do throws(ImpRAGError) {
                return .success(try answer.choose())
            } catch {
                return .failure(error)
            }
        }
    }

    /// Goes on with `token` from what an earlier pass computed, if it did.
    private func advance(_ token: Int32) -> Bool {
        guard session.advance(token) else { return false }
        proposer?.acceptedTokens += 1
        model.proposals.withLock { $0.accepted() }
        return true
    }

    /// Tokens to verify in the pass that computes the pending one.
    private func propose(from budget: inout PassBudget) -> [Int32] {
        let proposed = proposer?.propose(limit: proposalLimit, from: &budget) ?? []
        // Beyond the model's last position nothing is proposed.
        guard !proposed.isEmpty, (try? session.check([0] + proposed)) != nil else { return [] }
        proposer?.proposedTokens += proposed.count
        return proposed
    }

    /// Samples a token from the current logits.
    private func choose() throws(ImpRAGError) -> AnswerToken? {
        let token = sampler.choose(session.logits)
        let logprob = try session.logProbability(of: token)
        if endTokens.contains(token) { return finish(.stop) }
        pending = token
        tokenCount += 1
        if speculates {
            if proposer == nil {
                proposer = Proposer(
                    passages: passages, prompt: promptTokens, answer: resumedTokens,
                    hitRates: model.proposals.withLock { $0.hitRates })
            }
            if let guess = proposer?.said(token) {
                model.proposals.withLock { $0.guessed(guess.match, isRight: guess.isRight) }
            }
        }
        let alternatives = topLogprobs.map { candidates($0, beside: token, logprob) } ?? []
        return AnswerToken(
            text: try say(token), token: token, logprob: logprob, alternatives: alternatives,
            passageAttention: session.tokenAttention)
    }

    /// The chosen token, then the `count` most probable ones.
    private func candidates(_ count: Int, beside token: Int32, _ logprob: Float) -> [TokenCandidate] {
        let logits = session.logits
        // What makes probabilities of logits is the same for all of them.
        let offset = Double(logits[Int(token)]) - Double(logprob)
        return ([token] + mostProbable(count, of: logits)).map { id in
            TokenCandidate(
                token: id, bytes: decoder.bytes(of: id),
                logprob: id == token ? logprob : Float(Double(logits[Int(id)]) - offset))
        }
    }

    /// The text that became certain with `token`; a stop string in it ends the answer.
    private func say(_ token: Int32) throws(ImpRAGError) -> String {
        var (text, stopped) = stops.append(try decoder.append(token))
        if !stopped {
            // Byte tokens, such as Llama 2's for a line feed, are held back until another token comes.
            var stopsAhead = stops
            let ahead = stopsAhead.append(decoder.heldText)
            if ahead.stopped { (text, stopped) = (text + ahead.text, true) }
        }
        if stopped { end = .stop }
        return text
    }

    private func finish(_ end: AnswerEnd) -> AnswerToken? {
        self.end = end
        let (text, stopped) = stops.append(decoder.finish())
        let rest = stopped ? text : text + stops.finish()
        return rest.isEmpty ? nil : AnswerToken(text: rest, token: nil, logprob: 0)
    }

    /// Takes states from their source only now: the memory of an answer without a place is not accounted for.
    private func beginReading() throws(ImpRAGError) -> PassageReading {
        let sequences = PassageSequence.sequences(of: passages, encoding: encoding)
        return try PassageReading(
            model, passages, encoding: encoding, known: states?.states(of: sequences) ?? [:],
            measuresAttention: states?.measuresAttention ?? false,
            finishing: states.map { states in { states.keep($1, of: sequences[$0]) } })
    }
}
