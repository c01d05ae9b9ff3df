import Cluster
import Core
import Messaging
import Model
import Platform
import Synchronization
import Wire

/// The thin shell around one request's `Session`: performs its actions and feeds it the events.
///
/// Events may come from any thread. They are handled one at a time; on the thread that delivers them, which may be the
/// one that owns all sockets, only where that is known to be short: waking another one takes longer than most events.
final class SessionRunner<Kind: Session>: Sendable {
    private struct State {
        var session: Kind
        var events: [SessionEvent] = []
        var isBusy = false
        var hasEnded = false
        /// Called when the request ends: they cancel and release what it still holds.
        var endings: [@Sendable () -> Void] = []
        var watchesGenerators = false
        /// The latest attempt at an answer.
        var generation: OutgoingCall?
        var waitsForGenerator = false
        /// A generator may have become ready while the answer to a reservation was on its way.
        var generatorsHaveChanged = false
        /// The searches that shards are working on, by the number of their part, and since when.
        var searches: [Int: (call: OutgoingCall, start: ContinuousClock.Instant)] = [:]

        mutating func add(_ event: SessionEvent) {
            events.append(event)
            switch event {
            case .generatorsChanged: generatorsHaveChanged = waitsForGenerator
            case .reserved:
                // Said once more, after the answer that does not know it yet.
                if generatorsHaveChanged { events.append(.generatorsChanged) }
                (waitsForGenerator, generatorsHaveChanged) = (false, false)
            default: break
            }
        }
    }

    private let request: IncomingRequest
    private let service: CoordinatorService
    private let state: Mutex<State>
    private let done = Promise<Void>()
    /// Nil when the request is not recorded.
    private let spans: SessionSpans?

    init(_ session: Kind, for request: IncomingRequest, of service: CoordinatorService) {
        self.request = request
        self.service = service
        state = Mutex(State(session: session))
        spans = SessionSpans(request, clock: service.environment.clock)
    }

    /// Returns when the last reply has been sent.
    ///
    /// - Throws: the error that ends the request; `cancelled` when the task is cancelled.
    func run() async throws(ImpRAGError) {
        let first = state.withLock { state in
            state.isBusy = true
            return state.session.begin()
        }
        let watch = service.peers.losses.add { self.handle(.lost($0)) }
        atEnd { [peers = service.peers] in peers.losses.remove(watch) }
        perform(first)
        drain()
        do throws(ImpRAGError) {
            try await done.value()
        } catch {
            handle(.abandoned)
            throw error
        }
    }

    /// Where an event is handled, unless one before it is being handled at that moment.
    private enum Place {
        /// By a task.
        case task
        /// On the thread that delivers it: what follows from it is short.
        case here
        /// On the messenger's thread: messages follow from it.
        case messenger
    }

    /// Queues an event; from any thread.
    private func handle(_ event: SessionEvent, _ place: Place = .task) {
        let begins = state.withLock { state in
            guard !state.hasEnded else { return nil as Bool? }
            state.add(event)
            defer { state.isBusy = true }
            return !state.isBusy
        }
        guard let begins else { return discard(event) }
        guard begins else { return }
        switch place {
        case .task: service.environment.run { self.drain() }
        case .here: drain()
        case .messenger:
            // After its end nobody waits for the answer, but what the request holds is still to be released.
            if !service.peers.perform({ self.drain() }) { service.environment.run { self.drain() } }
        }
    }

    /// An event has come too late.
    private func discard(_ event: SessionEvent) {
        guard case .reserved(.success(.reserved(let name))) = event else { return }
        service.peers.releasedGenerator(name, of: request.client)
    }

    /// Handles queued events, on one thread at a time.
    private func drain() {
        while true {
            let event = state.withLock { state -> SessionEvent? in
                guard !state.events.isEmpty, !state.hasEnded else {
                    state.isBusy = false
                    return nil
                }
                return state.events.removeFirst()
            }
            guard let event else { return }
            tell(event)
        }
    }

    /// Handles an event immediately. Only while events are being handled: it bypasses the queue.
    private func tell(_ event: SessionEvent) {
        let now = service.environment.clock.now
        perform(state.withLock { $0.session.handle(event, at: now) })
    }

    private func perform(_ actions: [SessionAction]) {
        for action in actions {
            switch action {
            case .tokenize(let prompt): tokenize(prompt)
            case .encode(let tokens, let k): encode(tokens, k: k)
            case .look:
                var known = service.peers.look()
                known.hedgeDelay = service.hedging.delay
                tell(.looked(known))
            case .search(let part, let request, let tensors): search(part, request, tensors)
            case .dropSearch(let part, let byHedge): dropSearch(part, byHedge: byHedge)
            case .hedge(let instant):
                let alarm = service.environment.clock.schedule(at: instant) {
                    self.handle(.overdue(budget: self.service.hedging.budget))
                }
                atEnd { alarm.cancel() }
            case .reserveGenerator: reserveGenerator()
            case .wake(let instant):
                let alarm = service.environment.clock.schedule(at: instant) { self.handle(.alarm) }
                atEnd { alarm.cancel() }
            case .generate(let attempt, let name, let request, let tensors, let deadline):
                generate(attempt, name, request, tensors, deadline)
            case .releaseGenerator(let name): service.peers.releasedGenerator(name, of: request.client)
            case .lostGenerator(let name, let error): service.peers.lost(name, error)
            case .reply(let reply):
                spans?.replied(reply)
                // False when the client has cancelled, gone away, or does not read.
                if !request.reply(reply, more: true) { handle(.abandoned) }
            case .finish(let reply):
                spans?.replied(reply)
                request.reply(reply, fingerprint: service.fingerprint)
                end(.success(()))
            case .fail(let error):
                spans?.endSearch(failure: error.code)
                end(.failure(error))
            }
        }
    }

    /// Ends the request and everything still running for it.
    private func end(_ result: Result<Void, ImpRAGError>) {
        let (endings, events) = state.withLock { state in
            state.hasEnded = true
            defer {
                state.endings = []
                state.events = []
                state.searches = [:]
            }
            return (state.endings, state.events)
        }
        for ending in endings { ending() }
        for event in events { discard(event) }
        done.fulfil(result)
    }

    /// Calls `ending` when the request ends, or immediately when it already has.
    private func atEnd(_ ending: @escaping @Sendable () -> Void) {
        let hasEnded = state.withLock { state in
            if !state.hasEnded { state.endings.append(ending) }
            return state.hasEnded
        }
        if hasEnded { ending() }
    }

    // MARK: The model

    private func tokenize(_ prompt: PromptText) {
        let encoder = service.encoder
        do throws(ImpRAGError) {
            try service.tokenizers.submit(
                of: request.client, refuse: { self.handle(.tokenized(.failure($0))) }
            ) { [self] in
                guard !request.isCancelled else { return handle(.abandoned) }
                let tokens: Result<[Int32], ImpRAGError> = Result { () throws(ImpRAGError) in
                    switch prompt {
                    case .plain(let text): try encoder.tokens(ofPrompt: text)
                    case .chat(let messages): try encoder.tokens(ofChat: messages)
                    }
                }
                handle(.tokenized(tokens), .here)
            }
        } catch {
            handle(.tokenized(.failure(error)))
        }
    }

    private func encode(_ tokens: [Int32], k: Int) {
        do throws(ImpRAGError) {
            let size = ByteCount.product(tokens.count, service.encoder.shape.stateBytesPerToken)
            let reservation = try ByteReservation(size, of: service.states, for: "the state of this prompt")
            atEnd { reservation.release() }
            try service.batcher.encode(
                PromptBatcher.Job(
                    tokens: tokens, k: k, client: request.client, deadline: request.deadline,
                    arrival: service.environment.clock.now,
                    isWanted: { [request] in !request.isCancelled },
                    finish: {
                        self.spans?.encoded($0)
                        self.handle(.encoded($0), .messenger)
                    }))
        } catch {
            handle(.encoded(.failure(error)))
        }
    }

    // MARK: Other nodes

    private func search(_ part: FanOut.Part, _ search: ShardSearchRequest, _ tensors: [Tensor]) {
        let fingerprint = service.fingerprint
        let search = search.of(request.client)
        let deadline = Deadline.after(milliseconds: part.milliseconds, on: service.environment.clock)
        let (peers, hedging, clock) = (service.peers, service.hedging, service.environment.clock)
        let start = clock.now
        peers.began(part.node)
        hedging.asked(part)
        let span = spans?.began(part)
        do throws(ImpRAGError) {
            let call = try peers.connection(part.node).call(
                .shardSearch(search), tensors: tensors, fingerprint: fingerprint,
                trace: span?.context ?? request.onwardTrace, deadline: deadline
            ) { event in
                if event.isLast {
                    peers.released(part.node)
                    if let span { self.spans?.ended(span, part, failure: event.failure) }
                }
                if case .reply = event { hedging.record(clock.now - start) }
                let found = Self.found(event, search, fingerprint, part.milliseconds)
                self.handle(.part(part.number, found), Self.isShort(found) ? .here : .task)
            }
            state.withLock { $0.searches[part.number] = (call, start) }
            atEnd { call.cancel() }
        } catch {
            peers.released(part.node)
            handle(.part(part.number, .failure(error)))
        }
    }

    /// Stops a search whose answer is not needed any more.
    private func dropSearch(_ part: FanOut.Part, byHedge: Bool) {
        guard let search = state.withLock({ $0.searches.removeValue(forKey: part.number) }) else { return }
        search.call.cancel()
        // It would have taken longer: without it, what is usual would seem ever less.
        service.hedging.record(service.environment.clock.now - search.start)
        if byHedge { service.hedging.won() }
    }

    /// Reserves a generator; until there is one, every change among them becomes an event.
    private func reserveGenerator() {
        let (isWatching, isWaiting) = state.withLock { state in
            defer { (state.watchesGenerators, state.waitsForGenerator) = (true, true) }
            return (state.watchesGenerators, state.waitsForGenerator)
        }
        // Watched before asking, so that no change in between is missed.
        if !isWatching {
            let watch = service.peers.generatorChanges.add { self.handle(.generatorsChanged) }
            atEnd { [peers = service.peers] in peers.generatorChanges.remove(watch) }
        }
        guard !isWaiting else { return }
        atEnd(service.peers.reserveGenerator(for: request.client) { self.handle(.reserved($0)) })
    }

    private func generate(
        _ attempt: Int, _ name: String, _ request: GenerateRequest, _ tensors: [Tensor], _ deadline: Deadline
    ) {
        let request = request.of(self.request.client)
        if !request.resumeTokens.isEmpty { service.movedAnswers.add() }
        let span = spans?.beganGenerating()
        do throws(ImpRAGError) {
            let call = try service.peers.connection(name).call(
                .generate(request), tensors: tensors, fingerprint: service.fingerprint,
                trace: span?.context ?? self.request.onwardTrace, deadline: deadline
            ) { event in
                if let span, event.isLast {
                    self.spans?.ended(span, generator: name, attempt: attempt, failure: event.failure)
                }
                self.handle(.generated(attempt: attempt, event))
            }
            let before = state.withLock { state in
                defer { state.generation = call }
                return state.generation
            }
            before?.cancel()
            atEnd { call.cancel() }
        } catch {
            handle(.generated(attempt: attempt, .failed(error)))
        }
    }
}
