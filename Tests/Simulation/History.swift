import Cluster
import Core
import Messaging
import SimulatedWorld
import Storage
import Wire

/// Everything that clients asked of a cluster and what they got, checked as each request ends.
// Sendable: see `World`.
final class History: @unchecked Sendable {
    /// One request and its replies so far.
    private final class Request: @unchecked Sendable {
        let number: Int
        let what: String
        let deadline: Duration
        let start: ContinuousClock.Instant
        var call: OutgoingCall?
        var hasEnded = false
        var wasCancelled = false
        var hasReplies = false
        var sources: AskSources?
        var text = ""
        /// What the search must have seen of the log.
        var minEpoch = 0

        init(
            _ number: Int, _ what: String, _ deadline: Duration, _ start: ContinuousClock.Instant
        ) {
            self.number = number
            self.what = what
            self.deadline = deadline
            self.start = start
        }
    }

    private struct Update {
        let start: ContinuousClock.Instant
        /// Nil while it is unknown whether it was committed, perhaps forever.
        var acknowledged: ContinuousClock.Instant?
        var epoch = 0
    }

    let cluster: SimulatedCluster
    private let world: World
    private let messenger: Messenger
    private let coordinators: [Peer]
    /// All updates of each id, by version.
    private var updates: [String: [Int: Update]] = [:]
    private var versionCount = 0
    /// The newest epoch that was acknowledged.
    private var newestEpoch = 0
    private var open: [Int: Request] = [:]
    /// Ids with versions.
    private var inLog: Set<String> = []
    private(set) var requestCount = 0
    private(set) var answered = 0
    private(set) var partial = 0
    private(set) var failures: [ErrorCode: Int] = [:]
    /// What was wrong, with the seed.
    private(set) var problems: [String] = []

    init(_ cluster: SimulatedCluster) throws {
        self.cluster = cluster
        world = cluster.world
        let process = Process("client", in: cluster.world)
        messenger = try Messenger(
            // Named, as a gateway is, so that a duplicated request is told from a new one.
            name: "client", limits: MessagingLimits(), clock: process.clock,
            transport: SimulatedTransport(process, cluster.network))
        var coordinators: [Peer] = []
        for node in cluster.coordinators {
            coordinators.append(
                try messenger.connect(to: node.configuration.connect.description, name: node.name))
        }
        self.coordinators = coordinators
        clock = process.clock
    }

    private let clock: ProcessClock

    /// Sends a random request to a random coordinator.
    func askSomething(milliseconds: ClosedRange<Int> = 200...4000) {
        let milliseconds = Int.random(in: milliseconds, using: &world.random)
        let policy: CompletenessPolicy = world.chance(0.5) ? .fail : .partial
        let prompt = "question \(Int.random(in: 0..<50, using: &world.random))"
        let k = Int.random(in: 0...5, using: &world.random)
        switch Int.random(in: 0..<10, using: &world.random) {
        case 0..<4: search(prompt, k: max(1, k), policy, milliseconds)
        case 4..<8: ask(prompt, k: k, policy, milliseconds, cancels: world.chance(0.2))
        default: upsert(milliseconds)
        }
    }

    func search(_ prompt: String, k: Int, _ policy: CompletenessPolicy, _ milliseconds: Int) {
        let request = begin("search for \(k) with \(policy)", milliseconds)
        let options = options(of: request)
        let search = SearchRequest(prompt: prompt, k: k, completeness: policy, options: options)
        send(.search(search), request, milliseconds) { reply in
            guard case .search(let found) = reply.body else { return self.report(request, "got \(reply.body.name)") }
            self.check(found.passages, found.completeness, prompt, k, policy, request)
        }
    }

    func ask(
        _ prompt: String, k: Int, _ policy: CompletenessPolicy, _ milliseconds: Int, cancels: Bool = false
    ) {
        let request = begin("ask for \(k) with \(policy)", milliseconds)
        let options = options(of: request)
        let ask = AskRequest(prompt: prompt, k: k, completeness: policy, options: options)
        send(.ask(ask), request, milliseconds) { reply in
            switch reply.body {
            case .sources(let sources):
                self.check(sources.passages, sources.completeness, prompt, k, policy, request)
                request.sources = sources
            case .token(let token): request.text += token.text
            case .askDone(let done):
                let passages = request.sources?.passages.map(\.passage) ?? []
                let right = StandIn.answer(passages, tokens: StandIn.tokens(of: prompt))
                if request.sources == nil || request.text != right.joined() || done.generatedTokenCount != right.count {
                    self.report(request, "answered '\(request.text)' instead of '\(right.joined())'")
                }
            default: self.report(request, "got \(reply.body.name)")
            }
        }
        guard cancels else { return }
        world.plan(at: world.now + world.duration(0...30)) {
            guard !request.hasEnded else { return }
            request.wasCancelled = true
            request.call?.cancel()
        }
    }

    /// Half of the searches want everything that was acknowledged before them.
    private func options(of request: Request) -> SearchOptions {
        if world.chance(0.5) { request.minEpoch = newestEpoch }
        return SearchOptions(minEpoch: request.minEpoch)
    }

    func upsert(_ milliseconds: Int) {
        versionCount += 1
        let version = versionCount
        let ids = (0..<Int.random(in: 1...3, using: &world.random)).map { _ in
            cluster.ids[Int.random(in: 0..<cluster.ids.count, using: &world.random)]
        }
        let unique = Set(ids).sorted()
        for id in unique { updates[id, default: [:]][version] = Update(start: world.now) }
        let request = begin("upsert \(unique)", milliseconds)
        let passages = unique.map { Passage(id: $0, title: "", text: "\(version)") }
        let wait = world.chance(0.5) ? UpdateWait.found : .durable
        send(.upsert(UpsertRequest(passages: passages, wait: wait)), request, milliseconds) { reply in
            guard case .upsert(let done) = reply.body else { return self.report(request, "got \(reply.body.name)") }
            // A shard that was started since does not know what it did.
            let counted = done.replaced + done.inserted
            if done.found != (wait == .found) || counted > (done.found ? unique.count : 0) || done.epoch < 1 {
                self.report(request, "acknowledged as \(done)")
            }
            self.newestEpoch = max(self.newestEpoch, done.epoch)
            for id in unique {
                self.updates[id]?[version]?.acknowledged = self.world.now
                self.updates[id]?[version]?.epoch = done.epoch
            }
        }
    }

    // MARK: Requests

    private func begin(_ what: String, _ milliseconds: Int) -> Request {
        requestCount += 1
        let request = Request(requestCount, what, .milliseconds(milliseconds), world.now)
        open[request.number] = request
        return request
    }

    /// Sends it to one coordinator, and what only reads also to the others in turn, as clients do.
    private func send(
        _ body: Wire.Request, _ request: Request, _ milliseconds: Int,
        _ take: @escaping @Sendable (IncomingReply) -> Void
    ) {
        let first = Int.random(in: 0..<coordinators.count, using: &world.random)
        var order = Array(coordinators[first...] + coordinators[..<first])
        // An update that is in the log twice, at places that nobody knows, leaves nothing to check.
        if case .upsert = body { order = [order[0]] }
        send(body, request, order[...], .after(milliseconds: milliseconds, on: clock), take)
    }

    private func send(
        _ body: Wire.Request, _ request: Request, _ order: ArraySlice<Peer>, _ deadline: Deadline,
        _ take: @escaping @Sendable (IncomingReply) -> Void
    ) {
        do throws(ImpRAGError) {
            request.call = try order[order.startIndex].call(body, deadline: deadline) { event in
                guard !request.hasEnded else { return self.report(request, "went on after its end") }
                switch event {
                case .reply(let reply, let isLast):
                    request.hasReplies = true
                    take(reply)
                    if isLast { self.end(request, nil) }
                case .failed(let error):
                    let others = order.dropFirst()
                    guard error.code == .unavailable, !request.hasReplies, !request.wasCancelled, !others.isEmpty else {
                        return self.end(request, error)
                    }
                    self.send(body, request, others, deadline, take)
                }
            }
        } catch {
            end(request, error)
        }
    }

    private func end(_ request: Request, _ error: ImpRAGError?) {
        request.hasEnded = true
        open[request.number] = nil
        if let error {
            failures[error.code, default: 0] += 1
            if error.code == .internal || error.code == .invalidArgument || error.code == .dataLoss {
                report(request, "failed with \(error)")
            }
            if error.code == .cancelled, !request.wasCancelled { report(request, "nobody cancelled it: \(error)") }
        } else {
            answered += 1
        }
        // By the client's own clock, with some slack for its messenger's last step.
        if world.now - request.start > request.deadline + .milliseconds(1) { report(request, "ended late") }
    }

    private func report(_ request: Request, _ what: String) {
        problems.append(
            "seed \(world.seed), \(Int(world.milliseconds)) ms, request \(request.number) (\(request.what)): \(what)")
    }

    // MARK: Checks

    /// A complete search finds exactly the best; everything found was written, and no acknowledged update is lost.
    private func check(
        _ passages: [ScoredPassage], _ completeness: Completeness, _ prompt: String, _ k: Int,
        _ policy: CompletenessPolicy, _ request: Request
    ) {
        let found = passages.map(\.passage.id)
        if k > 0, completeness.isComplete {
            if found != best(k, of: cluster.rows, for: prompt) { report(request, "found \(found)") }
            if completeness.passagesSearched != cluster.ids.count {
                report(request, "is complete with \(completeness.passagesSearched) passages")
            }
        } else if k > 0 {
            partial += 1
            if policy == .fail { report(request, "took a part for the whole") }
            let ranked = best(found.count, of: found.map { StandIn.Row($0) }, for: prompt)
            if found != ranked { report(request, "ranked \(found)") }
            if Set(found).count != found.count { report(request, "found one twice: \(found)") }
        }
        for hit in passages {
            guard let version = Int(hit.passage.text), version == 0 || updates[hit.passage.id]?[version] != nil else {
                report(request, "found '\(hit.passage.text)' in \(hit.passage.id), which nobody wrote")
                continue
            }
            if let newer = successor(of: version, hit.passage.id, by: request.minEpoch) {
                report(request, "found version \(version) of \(hit.passage.id), which version \(newer) had replaced")
            }
        }
    }

    private func best(_ k: Int, of rows: [StandIn.Row], for prompt: String) -> [String] {
        StandIn.best(k, of: rows, for: StandIn.query(StandIn.tokens(of: prompt))[...]).map(\.id)
    }

    /// An update of a later epoch than `version`'s, which the search had to see: nobody may find `version` then. What
    /// was never acknowledged may be in the log at any place.
    private func successor(of version: Int, _ id: String, by epoch: Int) -> Int? {
        guard version == 0 || updates[id]?[version]?.acknowledged != nil else { return nil }
        let own = updates[id]?[version]?.epoch ?? 0
        return updates[id]?.first { $0.value.epoch > own && $0.value.epoch <= epoch }?.key
    }

    /// Reads the log from its beginning, and reports an acknowledged update that it does not have at its epoch.
    func checkLog(_ log: CollectionLog, partitions: Int) throws(ImpRAGError) {
        var epoch = 1
        while let entry = try log.entry(epoch, partitions: Set(0..<partitions), deadline: .never) {
            for change in entry.changes.values.joined() {
                guard case .upsert(let passage, _) = change.change, let version = Int(passage.text) else { continue }
                guard let update = updates[passage.id]?[version] else {
                    problems.append(
                        "seed \(world.seed): epoch \(epoch) has \(passage.id) in version \(version), which nobody wrote"
                    )
                    continue
                }
                if update.acknowledged != nil, update.epoch != epoch {
                    problems.append(
                        "seed \(world.seed): version \(version) of \(passage.id) is at epoch \(epoch), and was acknowledged at \(update.epoch)"
                    )
                }
                inLog.insert("\(passage.id) \(version)")
            }
            epoch += 1
        }
        for (id, versions) in updates {
            for (version, update) in versions where update.acknowledged != nil && !inLog.contains("\(id) \(version)") {
                problems.append(
                    "seed \(world.seed): version \(version) of \(id) was acknowledged and is not in the log")
            }
        }
    }

    /// Whether all requests have ended.
    var isQuiet: Bool { open.isEmpty }

    /// Reports requests that have not ended although their deadline has passed.
    func checkQuiet() {
        for request in open.values.sorted(by: { $0.number < $1.number }) { report(request, "never ended") }
    }

    func stop() {
        messenger.close()
        world.run(for: .milliseconds(1))
    }
}
