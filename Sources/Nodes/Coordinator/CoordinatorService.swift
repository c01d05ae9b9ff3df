import Cluster
import Core
import Messaging
import Model
import Platform
import Synchronization
import Wire

/// Answers clients: prompt through the bottom layers, fan-out to the shards, merge, hand-over to a generator, relay; and
/// passes updates on to the shards.
final class CoordinatorService: NodeService {
    let detail: String

    private let encoder: any PromptEncoder
    private let settings: CoordinatorSettings
    private let check: RequestCheck
    private let peers: Peers
    private let batcher: PromptBatcher
    /// Tokenising a long prompt takes milliseconds: not for the cooperative pool.
    private let tokenizers: JobPool
    private let states: ByteBudget
    private let updater: Updater
    private let requestCount = Atomic(0)

    /// How long a shard that was last unreachable may keep an update waiting, and one that was silent a search that can do
    /// without it.
    static let absentShardMilliseconds = 1000

    /// Kept of a request's time for the way back to the client.
    static let returnMilliseconds = 50

    init(
        encoder: any PromptEncoder, settings: CoordinatorSettings, peers: Peers, detail: String
    ) throws(ImpRAGError) {
        self.encoder = encoder
        self.settings = settings
        self.peers = peers
        self.detail = detail
        check = RequestCheck(settings: settings, shape: encoder.shape)
        batcher = try PromptBatcher(
            encoder: encoder, maxBatch: settings.maxBatch, windowMilliseconds: settings.batchWindowMilliseconds,
            queueLimit: settings.maxRequests)
        tokenizers = try JobPool(name: "tokenize", count: 1, queueLimit: settings.maxRequests)
        states = ByteBudget(limit: settings.maxStateMemory, remedy: "raise max_state_memory")
        updater = try Updater(encoder: encoder, settings: settings, peers: peers, memory: states)
    }

    var fingerprint: Fingerprint { encoder.fingerprint }

    /// Of all shards, as far as known.
    var passages: Int {
        peers.membership.withLock { $0.peers.filter { $0.kind == .shard }.reduce(0) { $0 + $1.passages } }
    }

    /// Prompts that wait for the bottom layers.
    var waitingPrompts: Int { batcher.waitingCount }

    func answer(_ request: IncomingRequest) async throws(ImpRAGError) {
        guard requestCount.add(1, ordering: .relaxed).newValue <= settings.maxRequests else {
            requestCount.subtract(1, ordering: .relaxed)
            throw ImpRAGError(
                .resourceExhausted,
                "\(settings.maxRequests) requests are in the works, which is the limit; try again later")
        }
        defer { requestCount.subtract(1, ordering: .relaxed) }
        if let theirs = request.fingerprint, theirs != fingerprint {
            throw ImpRAGError(
                .failedPrecondition, "the request insists on the model \(theirs), but this cluster runs \(fingerprint)")
        }
        switch request.body {
        case .ask(let ask): try await self.ask(ask, request)
        case .search(let search): try await self.search(search, request)
        case .upsert(let upsert):
            request.reply(.upsert(try await updater.upsert(upsert.passages, deadline: request.deadline)))
        case .delete(let delete):
            request.reply(.delete(try await updater.delete(delete.ids, deadline: request.deadline)))
        default:
            throw ImpRAGError(
                .invalidArgument,
                "a coordinator answers ask, search, upsert, delete, status and ping, not \(request.body.name)")
        }
    }

    func status(own: NodeStatus, deadline: Deadline) async -> [NodeStatus] {
        let others = peers.membership.withLock { $0.peers }
        // Some of the caller's time is kept for the way back.
        let milliseconds = min(Peers.answerMilliseconds, deadline.remainingMilliseconds * 3 / 4)
        let answers = await withTaskGroup(of: NodeStatus.self) { group in
            for peer in others {
                group.addTask { await self.status(of: peer, milliseconds: milliseconds) }
            }
            var answers: [String: NodeStatus] = [:]
            for await answer in group { answers[answer.name] = answer }
            return answers
        }
        var own = own
        own.waitingPrompts = waitingPrompts
        return [own] + others.compactMap { answers[$0.name] }
    }

    func stop(milliseconds: Int) -> Bool {
        peers.stop()
        batcher.stop()
        tokenizers.stop()
        updater.stop()
        return batcher.join(milliseconds: milliseconds) && tokenizers.join(milliseconds: milliseconds)
            && updater.join(milliseconds: milliseconds)
    }

    // MARK: - Requests

    private func ask(_ ask: AskRequest, _ request: IncomingRequest) async throws(ImpRAGError) {
        try RequestCheck.requireText(ask.prompt)
        let checked = try check.ask(ask)
        let tokens = try await tokens(of: checked.prompt)
        var sampling = checked.sampling.options
        sampling.maxTokens = try check.answerTokens(for: checked, promptTokens: tokens.count)
        let reservation = try reserve(tokens)
        defer { reservation.release() }
        let prompt = try await batcher.encode(tokens, k: checked.k, deadline: request.deadline)
        let searchStart = ContinuousClock.now
        let found = try await search(
            Query(vector: prompt.queryEmbedding, prompt: ask.prompt, words: ask.words), k: checked.k,
            options: ask.options, policy: ask.completeness, deadline: request.deadline,
            share: settings.searchDeadlineShare
        ).checked(ask.completeness)
        let timings = Timings(
            queue: prompt.queueTime, prompt: prompt.promptTime, search: .now - searchStart)
        let sources = AskSources(
            passages: ask.omitPassageText ? found.passages.map(\.withoutText) : found.passages,
            completeness: found.completeness, isFiltered: ask.options.filter != nil,
            hasWords: ask.words.mode != .off)
        guard request.reply(.sources(sources), more: true) else { throw Self.abandoned }
        let generate = GenerateRequest(
            promptTokens: prompt.tokens, k: checked.k, passages: found.passages.map(\.withoutMetadata),
            encoding: checked.encoding, sampling: sampling)
        try await relay(generate, prompt.tensors, reservation, found.completeness, timings, request)
    }

    private func search(_ search: SearchRequest, _ request: IncomingRequest) async throws(ImpRAGError) {
        try RequestCheck.requireText(search.prompt)
        let k = try check.search(search)
        var query = Query(vector: [], prompt: search.prompt, words: search.words)
        var timings = Timings()
        var reservation: ByteReservation?
        defer { reservation?.release() }
        // Words need no model.
        if search.words.mode != .only {
            let tokens = try await tokens(of: search.prompt)
            let places = try check.searchPlaces(promptTokens: tokens.count, k: k)
            reservation = try reserve(tokens)
            let prompt = try await batcher.encode(tokens, k: places, deadline: request.deadline)
            query.vector = prompt.queryEmbedding
            timings.queue = prompt.queueTime
            timings.prompt = prompt.promptTime
        }
        let searchStart = ContinuousClock.now
        // There is no answer to leave time for, only the way back.
        let found = try await self.search(
            query, k: k, options: search.options, policy: search.completeness, deadline: request.deadline, share: 0.9
        ).checked(search.completeness)
        let now = ContinuousClock.now
        timings.search = now - searchStart
        timings.total = now - request.arrival
        request.reply(
            .search(
                SearchReply(
                    passages: found.passages, completeness: found.completeness, timings: timings,
                    isFiltered: search.options.filter != nil, hasWords: search.words.mode != .off)),
            fingerprint: fingerprint)
    }

    private func tokens(of prompt: String) async throws(ImpRAGError) -> [Int32] {
        let promise = Promise<[Int32]>()
        let encoder = encoder
        try tokenizers.submit {
            guard !promise.isSettled else { return }
            promise.fulfil { () throws(ImpRAGError) in try encoder.tokens(ofPrompt: prompt) }
        }
        return try await promise.value()
    }

    private func reserve(_ tokens: [Int32]) throws(ImpRAGError) -> ByteReservation {
        try ByteReservation(
            byteProduct(tokens.count, encoder.shape.stateBytesPerToken), of: states, for: "the state of this prompt")
    }

    // MARK: - Shards

    /// What a search looks for.
    private struct Query {
        /// E_q; empty when only words are wanted.
        var vector: [Float]
        let prompt: String
        let words: WordsOptions

        /// Nothing where no vector is wanted.
        var tensors: [Tensor] { words.mode == .only ? [] : [Tensor(vector, shape: [1, vector.count])] }

        func request(k: Int, _ options: SearchOptions) -> ShardSearchRequest {
            let depth = words.depth(k: k)
            return ShardSearchRequest(
                k: words.mode == .only ? 0 : depth, options: options,
                words: words.mode == .off
                    ? nil : WordsQuery(text: Question.words(ofPrompt: prompt), count: depth))
        }
    }

    /// Asks every shard for its best passages and merges them. k = 0 asks nobody.
    ///
    /// - Parameter share: of the time that is left, for the shards.
    private func search(
        _ query: Query, k: Int, options: SearchOptions, policy: CompletenessPolicy, deadline: Deadline, share: Double
    ) async throws(ImpRAGError) -> FanOut.Outcome {
        let shards = peers.membership.withLock { $0.peers.filter { $0.kind == .shard } }
        guard k > 0 else { return FanOut.Outcome.nothingAsked(of: shards.map { ($0.name, $0.passages) }) }
        let milliseconds = max(1, Int(Double(deadline.remainingMilliseconds) * share))
        var fanOut = FanOut(
            shards: shards.map { ($0.name, $0.passages) }, k: k, words: query.words, milliseconds: milliseconds)
        let (tensors, request) = (query.tensors, query.request(k: k, options))
        let outcome = await withTaskGroup(of: ShardAnswer.self) { group -> FanOut.Outcome? in
            for shard in shards {
                var milliseconds = milliseconds
                if case .silent = shard.state, policy == .partial {
                    milliseconds = min(milliseconds, Self.absentShardMilliseconds)
                }
                group.addTask { [milliseconds] in
                    await self.shardAnswer(tensors, request, in: shard, milliseconds)
                }
            }
            for await answer in group {
                let action =
                    switch answer.result {
                    case .success(let reply): fanOut.answered(answer.shard, with: reply)
                    case .failure(let error): fanOut.failed(answer.shard, error)
                    }
                if case .finish(let outcome) = action { return outcome }
            }
            return nil
        }
        if Task.isCancelled { throw Self.abandoned }
        if let outcome { return outcome }
        guard case .finish(let outcome) = fanOut.deadlinePassed() else {
            throw ImpRAGError(.internal, "the search ended with shards that neither answered nor failed")
        }
        return outcome
    }

    /// What came of one shard's part. A type and not a tuple: the optimizer of Swift 6.3 loses a `Result` that a task
    /// group's closure builds inside one.
    private struct ShardAnswer: Sendable {
        let shard: String
        let result: Result<ShardSearchReply, ImpRAGError>
    }

    private func shardAnswer(
        _ query: [Tensor], _ request: ShardSearchRequest, in shard: Membership.Peer, _ milliseconds: Int
    ) async -> ShardAnswer {
        do throws(ImpRAGError) {
            let reply = try await search(query, request, in: shard, milliseconds)
            return ShardAnswer(shard: shard.name, result: .success(reply))
        } catch {
            return ShardAnswer(shard: shard.name, result: .failure(error))
        }
    }

    private func search(
        _ query: [Tensor], _ request: ShardSearchRequest, in shard: Membership.Peer, _ milliseconds: Int
    ) async throws(ImpRAGError) -> ShardSearchReply {
        if case .refused(let message) = shard.state { throw ImpRAGError(.failedPrecondition, message) }
        do throws(ImpRAGError) {
            let reply = try await peers.connection(shard.name).call(
                .shardSearch(request), tensors: query,
                fingerprint: fingerprint, deadline: .after(milliseconds: milliseconds))
            guard case .shardSearch(let found) = reply.body else {
                throw ImpRAGError(.internal, "it answered a search with \(reply.body.name)")
            }
            guard reply.fingerprint == fingerprint else {
                throw ImpRAGError(
                    .failedPrecondition,
                    "its hits are of the model \(reply.fingerprint?.description ?? "(none)"), but this coordinator runs "
                        + "\(fingerprint)")
            }
            guard found.isFiltered || request.options.filter == nil else {
                throw ImpRAGError(
                    .failedPrecondition, "it ignored the filter: it is of a version without filters; update it")
            }
            return found
        } catch {
            // A deadline that the shard itself reports says more than this one would.
            guard error.code == .deadlineExceeded, !(error.cause is RemoteFailure) else { throw error }
            throw ImpRAGError(.deadlineExceeded, "no answer within \(milliseconds) ms")
        }
    }

    // MARK: - Generator

    /// Hands the state to a generator and passes its tokens on. A generator that is lost before it has said anything is
    /// replaced by another one, while there is one.
    private func relay(
        _ generate: GenerateRequest, _ state: [Tensor], _ reservation: ByteReservation,
        _ completeness: Completeness, _ timings: Timings, _ request: IncomingRequest
    ) async throws(ImpRAGError) {
        while true {
            let name = try await peers.reserveGenerator(deadline: generatorDeadline(request.deadline))
            defer { peers.membership.withLock { $0.released(name) } }
            let replies = try hand(generate, state, to: name, deadline: request.deadline)
            let first: IncomingReply?
            do throws(ImpRAGError) {
                first = try await replies.next()
            } catch {
                // Only when the connection failed: what the generator itself says is the answer.
                guard error.code == .unavailable, !(error.cause is RemoteFailure) else { throw error }
                peers.lost(name, error)
                continue
            }
            // The generator has the state now.
            reservation.release()
            return try await relay(
                first, replies, from: name, generate.promptTokens.count, completeness, timings, request)
        }
    }

    /// Passes an answer on, until its end or until nobody wants it.
    private func relay(
        _ first: IncomingReply?, _ replies: ReplyStream, from name: String, _ promptTokenCount: Int,
        _ completeness: Completeness, _ timings: Timings, _ request: IncomingRequest
    ) async throws(ImpRAGError) {
        var timings = timings
        timings.firstToken = .now - request.arrival
        var next = first
        while let reply = next {
            switch reply.body {
            case .token(let token):
                // False when the client said stop or went away; leaving drops the stream, which tells the generator.
                guard request.reply(.token(token), more: true) else { throw Self.abandoned }
            case .generateDone(let done):
                timings.read = done.timings.read
                timings.total = .now - request.arrival
                request.reply(
                    .askDone(
                        AskDone(
                            end: done.end, passageAttention: done.passageAttention, promptTokenCount: promptTokenCount,
                            generatedTokenCount: done.generatedTokenCount, timings: timings, completeness: completeness)
                    ))
                return
            default:
                throw ImpRAGError(.internal, "\(name) answered generate with \(reply.body.name)")
            }
            next = try await replies.next()
        }
        throw ImpRAGError(.internal, "\(name) ended an answer without saying so")
    }

    private func hand(
        _ generate: GenerateRequest, _ state: [Tensor], to name: String, deadline: Deadline
    ) throws(ImpRAGError) -> ReplyStream {
        try peers.connection(name).stream(
            .generate(generate), tensors: state, fingerprint: fingerprint, deadline: generatorDeadline(deadline))
    }

    /// A little earlier than the client's: an error that names the generator must still get there in time.
    private func generatorDeadline(_ deadline: Deadline) -> Deadline {
        let milliseconds = deadline.remainingMilliseconds
        return .after(milliseconds: milliseconds - min(Self.returnMilliseconds, milliseconds / 10))
    }

    // MARK: - Status

    private func status(of peer: Membership.Peer, milliseconds: Int) async -> NodeStatus {
        do throws(ImpRAGError) {
            return try await peers.ask(peer.name, deadline: .after(milliseconds: milliseconds))
        } catch {
            return NodeStatus(
                name: peer.name, role: NodeRole(peer.kind), state: .unreachable, passages: peer.passages,
                detail: error.message)
        }
    }

    private static let abandoned = ImpRAGError(.cancelled, "nobody waits for the answer any more")
}

extension ScoredPassage {
    /// What the model reads: it never sees metadata.
    var withoutMetadata: Passage { Passage(id: passage.id, title: passage.title, text: passage.text) }

    /// Id, scores and ranks alone.
    var withoutText: ScoredPassage {
        ScoredPassage(
            passage: Passage(id: passage.id, title: "", text: ""), score: score, rank: rank, byVector: byVector,
            byWords: byWords)
    }
}
