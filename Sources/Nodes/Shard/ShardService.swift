import Cluster
import Core
import Messaging
import Platform
import Storage
import VectorIndex
import Wire
import Words

/// Answers searches over the partitions of one shard node, on dedicated threads, while its follower applies the log.
final class ShardService: NodeService {
    let fingerprint: Fingerprint
    let detail: String

    let dimension: Int
    let settings: ShardSettings
    private let served: ServedPartitions
    /// Nil when it stays at the epoch that it began with.
    let follower: LogFollower?
    private let checkpointer: Checkpointer?
    /// Nil when this shard keeps none.
    let states: ShardStates?
    private let pool: FairWorkers<RemoteClient>
    private let clock: any Clock
    private let crew: SearchCrew
    /// What a search takes that may be answered at once.
    let pace: SearchPace
    /// The weight of words calibrated at indexing; nil when there was no calibration.
    private let wordsWeight: Double?
    private let maintenance: MaintenanceThread?
    /// Nil when it serves what it began with.
    private let mover: (any PartitionMover)?

    /// The partitions of now: a search goes on with those that it began with.
    var engines: [any SearchEngine] { served.engines }

    /// - Parameters:
    ///   - engines: at least one, all of one model and one index, each of another partition.
    ///   - crew: searches several partitions at the same time.
    ///   - follower: keeps the engines up with the log; stopped with the service.
    ///   - checkpointer: stopped with the service.
    ///   - maintenance: maintains them in the background; stopped with the service.
    ///   - states: stopped with the service.
    ///   - wordsWeight: the weight of words calibrated at indexing; nil when there was no calibration.
    ///   - mover: makes what adds partitions later; stopped with the service.
    convenience init(
        engines: [any SearchEngine], settings: ShardSettings, crew: SearchCrew = SearchCrew(threads: 1),
        follower: LogFollower? = nil, checkpointer: Checkpointer? = nil, maintenance: MaintenanceThread? = nil,
        states: ShardStates? = nil, wordsWeight: Double? = nil, detail: String,
        metrics: MetricRegistry, on environment: NodeEnvironment = .system,
        mover: (ServedPartitions) throws(ImpRAGError) -> (any PartitionMover)? = { _ in nil }
    ) throws(ImpRAGError) {
        guard let first = engines.first else {
            throw ImpRAGError(.invalidArgument, "a shard needs at least one partition")
        }
        for engine in engines {
            try first.fingerprint.require(engine.fingerprint, in: "a partition")
            guard engine.dimension == first.dimension, engine.partitionCount == first.partitionCount else {
                throw ImpRAGError(
                    .failedPrecondition,
                    "partition \(first.partition) of \(first.partitionCount) holds vectors of \(first.dimension) numbers, partition "
                        + "\(engine.partition) of \(engine.partitionCount) vectors of \(engine.dimension); they are of different indexes"
                )
            }
        }
        guard Set(engines.map(\.partition)).count == engines.count else {
            throw ImpRAGError(
                .invalidArgument,
                "the shard got the partitions \(engines.map { String($0.partition) }.joined(separator: ", ")); each once is right"
            )
        }
        let served = ServedPartitions(engines)
        try self.init(
            served, fingerprint: first.fingerprint, dimension: first.dimension, settings: settings,
            crew: crew, follower: follower, checkpointer: checkpointer, maintenance: maintenance, states: states,
            wordsWeight: wordsWeight, mover: try mover(served), detail: detail, metrics: metrics, on: environment)
    }

    /// - Parameters:
    ///   - served: partitions of one index, which may come and go; see above for the others.
    ///   - mover: what makes them come and go; stopped with the service.
    init(
        _ served: ServedPartitions, fingerprint: Fingerprint, dimension: Int, settings: ShardSettings,
        crew: SearchCrew, follower: LogFollower?, checkpointer: Checkpointer?, maintenance: MaintenanceThread?,
        states: ShardStates?, wordsWeight: Double?, mover: (any PartitionMover)? = nil, detail: String,
        metrics: MetricRegistry, on environment: NodeEnvironment
    ) throws(ImpRAGError) {
        self.served = served
        self.fingerprint = fingerprint
        self.dimension = dimension
        self.detail = detail
        self.crew = crew
        self.follower = follower
        self.checkpointer = checkpointer
        self.maintenance = maintenance
        self.mover = mover
        self.states = states
        self.wordsWeight = wordsWeight
        self.settings = settings
        clock = environment.clock
        pace = SearchPace(limit: environment.shortWork)
        pool = FairWorkers(
            try environment.workers(settings.searchWorkers, "search", queueLimit: settings.searchQueue))
        try register(in: metrics)
    }

    var passages: Int { engines.reduce(0) { $0 + $1.count } }

    func answer(_ request: IncomingRequest) async throws(ImpRAGError) {
        switch request.body {
        case .shardSearch(let search): try await answer(search, request)
        case .apply(let apply): try await answer(apply, request)
        case .fetchStates(let fetch): try await answer(fetch, request)
        case .storeStates(let store): try await answer(store, request)
        default:
            throw ImpRAGError(
                .invalidArgument,
                "a shard answers shard_search, apply, fetch_states, store_states, status and ping, not "
                    + request.body.name)
        }
    }

    func status(own: NodeStatus, ofOthers: Bool, deadline: Deadline) async -> [NodeStatus] {
        var own = own
        own.partitions = engines.map { Self.figures(of: $0) }
        own.epoch = epoch
        if let trouble = follower?.trouble { own.detail += "; cannot follow the log: \(trouble.message)" }
        if let news = mover?.news { own.detail += "; \(news)" }
        return [own]
    }

    var unloadedPartitions: Int { mover?.failureCount ?? 0 }

    static func figures(of engine: any SearchEngine) -> PartitionFigures {
        PartitionFigures(partition: engine.partition, passages: engine.count, epoch: engine.epoch)
    }

    func beginDraining() { mover?.beginDraining() }

    func stop(milliseconds: Int) -> Bool {
        let deadline = Deadline.after(milliseconds: milliseconds)
        mover?.stop()
        maintenance?.stop()
        pool.stop()
        follower?.stop()
        checkpointer?.stop()
        let haveEnded =
            pool.join(milliseconds: deadline.remainingMilliseconds)
            && follower?.join(milliseconds: deadline.remainingMilliseconds) ?? true
            && checkpointer?.join(milliseconds: deadline.remainingMilliseconds) ?? true
            && maintenance?.join(milliseconds: deadline.remainingMilliseconds) ?? true
            && mover?.join(milliseconds: deadline.remainingMilliseconds) ?? true
        let statesHaveEnded = states?.stop(deadline: deadline) ?? true
        // A thread that still searches, writes or maintains needs its engine: the process ends without stopping it.
        if haveEnded { for engine in engines { engine.stop() } }
        return haveEnded && statesHaveEnded
    }

    // MARK: - Searches

    /// A search whose request has been checked.
    struct CheckedSearch: Sendable {
        let request: ShardSearchRequest
        /// `[n × dimension]`; empty when only words are searched.
        let queries: [Float]
        let engines: [any SearchEngine]
    }

    private func answer(_ search: ShardSearchRequest, _ request: IncomingRequest) async throws(ImpRAGError) {
        try search.options.validate()
        try await reach(search.options.minEpoch)
        let search = try check(search, request)
        pace.began()
        defer { pace.ended() }
        let promise = Promise<ShardSearchReply>()
        let client = RemoteClient(node: request.claimedName, number: search.request.client)
        try pool.submit(of: client, refuse: { promise.fulfil(.failure($0)) }) { [self] in
            guard !promise.isSettled else { return }
            promise.fulfil { () throws(ImpRAGError) in
                // It may have waited long: a search nobody waits for any more is not begun.
                try request.deadline.check("the search waited in the queue")
                return try self.search(search, deadline: request.deadline)
            }
        }
        request.reply(.shardSearch(try await promise.value()), fingerprint: fingerprint)
    }

    /// Checks a search whose epoch has been reached.
    func check(_ search: ShardSearchRequest, _ request: IncomingRequest) throws(ImpRAGError) -> CheckedSearch {
        // Lists to be fused are longer than their result.
        let limit = search.words == nil ? settings.maxK : max(settings.maxK, WordsOptions.leastDepth)
        if let words = search.words, !(1...limit).contains(words.count) {
            throw ImpRAGError(.invalidArgument, "the words' count is \(words.count); 1 to \(limit) is allowed")
        }
        let isOnlyWords = search.k == 0 && search.words != nil
        let queries = isOnlyWords ? [] : try queries(of: request, k: search.k, limit: limit)
        let engines = try engines(search.partitions)
        request.trace?.note([
            TraceSpan.Attribute("imprag.k", search.k), TraceSpan.Attribute("imprag.partitions", engines.count),
        ])
        return CheckedSearch(request: search, queries: queries, engines: engines)
    }

    /// The engines of `partitions`; an empty list means all. Throws `invalidArgument` for a duplicate,
    /// `failedPrecondition` for one that is not to be served here, `unavailable` for one that is not at the moment.
    private func engines(_ partitions: [Int]) throws(ImpRAGError) -> [any SearchEngine] {
        let served = engines
        guard !partitions.isEmpty else { return served }
        guard Set(partitions).count == partitions.count else {
            throw ImpRAGError(.invalidArgument, "the search names a partition twice; each may stand once")
        }
        var wanted: [any SearchEngine] = []
        for partition in partitions {
            guard let engine = served.first(where: { $0.partition == partition }) else {
                let absence = mover?.absence(of: partition)
                throw ImpRAGError(
                    absence == nil ? .failedPrecondition : .unavailable,
                    "the search is for partition \(partition), but this shard serves "
                        + served.map { String($0.partition) }.joined(separator: ", ") + "; "
                        + (absence ?? "are the cluster's files the same?"))
            }
            wanted.append(engine)
        }
        return wanted
    }

    /// The checked query vectors, `[n × dimension]`.
    private func queries(of request: IncomingRequest, k: Int, limit: Int) throws(ImpRAGError) -> [Float] {
        let tensor = try vectors(of: request, "search", "query")
        let queries = try tensor.floats("query vectors", shape: [nil, dimension])
        let count = queries.count / dimension
        guard (1...settings.maxQueries).contains(count) else {
            throw ImpRAGError(
                .invalidArgument, "the search carries \(count) query vectors; 1 to \(settings.maxQueries) are allowed")
        }
        guard (1...limit).contains(k) else {
            throw ImpRAGError(.invalidArgument, "k is \(k); 1 to \(limit) is allowed")
        }
        if let fault = VectorLimit.fault(in: queries[...], dimension: dimension) {
            throw ImpRAGError(.invalidArgument, "query vector \(fault.vector) \(fault.words)")
        }
        return queries
    }

    /// Begins the error about another model's vectors.
    static let holding = "this shard holds passages of"

    /// The request's single tensor, checked to hold vectors of this shard's model.
    ///
    /// - Parameters:
    ///   - name: what the error calls the request.
    ///   - kind: what the vectors stand for.
    func vectors(of request: IncomingRequest, _ name: String, _ kind: String) throws(ImpRAGError) -> Tensor {
        try request.require(fingerprint, of: "the \(kind) vectors", here: Self.holding)
        guard request.tensors.count == 1, let tensor = request.tensors.first else {
            throw ImpRAGError(
                .invalidArgument,
                "the \(name) carries \(request.tensors.count) tensors; one with the \(kind) vectors is right")
        }
        return tensor
    }

    /// What one partition found, by vectors or by words.
    private enum Part: Sendable {
        case vectors([[Hit]])
        case words(ShardWords)
    }

    /// Searches partitions by vectors, by words or both, as requested, and merges. Runs on a search thread, or at once.
    func search(_ checked: CheckedSearch, deadline: Deadline) throws(ImpRAGError) -> ShardSearchReply {
        let (search, queries, engines) = (checked.request, checked.queries, checked.engines)
        let vectorCount = queries.isEmpty ? 0 : engines.count
        let wordsCount = search.words == nil ? 0 : engines.count
        let start = clock.now
        let parts = try crew.map(vectorCount + wordsCount) { [clock] place throws(ImpRAGError) -> (Part, Duration) in
            let start = clock.now
            let part: Part =
                if place < vectorCount {
                    .vectors(
                        try engines[place].search(queries, k: search.k, options: search.options, deadline: deadline))
                } else {
                    .words(try Self.words(search, in: engines[place - vectorCount], deadline))
                }
            return (part, clock.now - start)
        }
        var hits: [[[Hit]]] = []
        var words: [ShardWords] = []
        var figures = engines.map { Self.figures(of: $0) }
        for (place, (part, time)) in parts.enumerated() {
            figures[place % engines.count].searchTime += time
            switch part {
            case .vectors(let lists): hits.append(lists)
            case .words(let found): words.append(found)
            }
        }
        var merge = HitMerge(k: search.k, engines: engines, clock: clock)
        var found: [[ScoredPassage]] = []
        for (query, start) in stride(from: 0, to: queries.count, by: dimension).enumerated() {
            let passages = try merge.passages(of: hits.map { $0[query] }, deadline: deadline) {
                () throws(ImpRAGError) in
                let own = Array(queries[start..<(start + dimension)])
                return try crew.map(engines.count) { place throws(ImpRAGError) in
                    try engines[place].search(own, k: search.k, options: search.options, deadline: deadline)[0]
                }
            }
            found.append(passages)
        }
        for place in figures.indices { figures[place].searchTime += merge.times[place] }
        let searchTime = clock.now - start
        if pace.isMeasured(by: search, queries: queries.count / dimension) { pace.record(searchTime) }
        return ShardSearchReply(
            queries: found.map { QueryHits(passages: $0) },
            passagesSearched: engines.reduce(0) { $0 + $1.count }, isFiltered: search.options.filter != nil,
            words: try search.words.map { query throws(ImpRAGError) in try mergeWords(words, count: query.count) },
            partitions: figures, searchTime: searchTime)
    }

    private static func words(
        _ search: ShardSearchRequest, in engine: any SearchEngine, _ deadline: Deadline
    ) throws(ImpRAGError) -> ShardWords {
        let found = try engine.searchWords(
            search.words?.text ?? "", count: search.words?.count ?? 0, filter: search.options.filter,
            deadline: deadline)
        guard let found else {
            throw ImpRAGError(
                .failedPrecondition,
                "partition \(engine.partition) was indexed without its words; index the corpus again, or search with words off"
            )
        }
        return found
    }

    /// Merges what several partitions found, as if they were one.
    private func mergeWords(_ parts: [ShardWords], count: Int) throws(ImpRAGError) -> ShardWords {
        var ranking = WordRanking<Passage>()
        for part in parts { try ranking.add(part) }
        let statistics = ranking.statistics
        return ShardWords(
            terms: ranking.terms ?? [], passages: statistics.passages, tokens: statistics.tokens,
            passagesWithTerm: statistics.frequencies,
            hits: ranking.best(count, Passage.isFirst).map { hit in
                ShardWordHit(
                    passage: hit.entry.item, frequencies: hit.entry.frequencies, length: hit.entry.length,
                    titleTerms: hit.entry.title.terms, titleCount: hit.entry.title.count)
            },
            weight: wordsWeight)
    }
}
