import ClusterConfiguration
import Core
import Messaging
import NodeRuntime
import Platform
import Wire

/// Answers searches over the partitions of one shard node, on threads of its own.
final class ShardService: NodeService {
    let fingerprint: Fingerprint
    let passages: Int
    let detail: String

    private let dimension: Int
    private let engines: [any SearchEngine]
    private let settings: ShardSettings
    private let pool: WorkerPool

    /// - Parameter engines: at least one, all of one model.
    init(engines: [any SearchEngine], settings: ShardSettings, detail: String) throws(ImpRAGError) {
        guard let first = engines.first else {
            throw ImpRAGError(.invalidArgument, "a shard needs at least one partition")
        }
        for engine in engines {
            try first.fingerprint.require(engine.fingerprint, in: "a partition")
            guard engine.dimension == first.dimension else {
                throw ImpRAGError(
                    .failedPrecondition,
                    "partitions hold vectors of \(first.dimension) and of \(engine.dimension) numbers")
            }
        }
        fingerprint = first.fingerprint
        dimension = first.dimension
        passages = engines.reduce(0) { $0 + $1.count }
        self.detail = detail
        self.engines = engines
        self.settings = settings
        pool = try WorkerPool(name: "search", count: settings.searchWorkers, queueLimit: settings.searchQueue)
    }

    func answer(_ request: IncomingRequest) async throws(ImpRAGError) {
        guard case .shardSearch(let search) = request.body else {
            throw ImpRAGError(
                .invalidArgument, "a shard answers shard_search, status and ping, not \(request.body.name)")
        }
        let queries = try queries(of: request, k: search.k)
        let promise = Promise<ShardSearchReply>()
        try pool.submit { [self] in
            guard !promise.isSettled else { return }
            promise.fulfil { () throws(ImpRAGError) in
                // It may have waited for long: what nobody waits for any more is not begun.
                try request.deadline.check("the search waited in the queue")
                return try self.search(queries, k: search.k, deadline: request.deadline)
            }
        }
        request.reply(.shardSearch(try await promise.value()), fingerprint: fingerprint)
    }

    func stop(milliseconds: Int) -> Bool {
        pool.stop()
        return pool.join(milliseconds: milliseconds)
    }

    /// The checked query vectors, `[n × dimension]`.
    private func queries(of request: IncomingRequest, k: Int) throws(ImpRAGError) -> [Float] {
        guard let theirs = request.fingerprint else {
            throw ImpRAGError(.invalidArgument, "the search carries vectors but no fingerprint; both are needed")
        }
        guard theirs == fingerprint else {
            throw ImpRAGError(
                .failedPrecondition,
                "the query vectors are of the model \(theirs), but this shard holds passages of \(fingerprint)")
        }
        guard request.tensors.count == 1, let tensor = request.tensors.first else {
            throw ImpRAGError(
                .invalidArgument, "the search carries \(request.tensors.count) tensors; one with the queries is right")
        }
        let queries = try tensor.floats("query vectors", shape: [nil, dimension])
        let count = queries.count / dimension
        guard (1...settings.maxQueries).contains(count) else {
            throw ImpRAGError(
                .invalidArgument, "the search carries \(count) query vectors; 1 to \(settings.maxQueries) are allowed")
        }
        guard (1...settings.maxK).contains(k) else {
            throw ImpRAGError(.invalidArgument, "k is \(k); 1 to \(settings.maxK) is allowed")
        }
        if let place = queries.firstIndex(where: { !$0.isFinite }) {
            throw ImpRAGError(
                .invalidArgument,
                "query vector \(place / dimension) holds \(queries[place]) at index \(place % dimension); all must be finite"
            )
        }
        return queries
    }

    /// Searches every partition and merges. On a search thread.
    private func search(_ queries: [Float], k: Int, deadline: Deadline) throws(ImpRAGError) -> ShardSearchReply {
        var merged = [[ScoredPassage]](repeating: [], count: queries.count / dimension)
        for engine in engines {
            for (query, hits) in try engine.search(queries, k: k, deadline: deadline).enumerated() {
                merged[query] += hits
            }
        }
        return ShardSearchReply(
            queries: merged.map { hits in
                // Equal scores by id: the same order whichever shard holds which passage.
                let best = hits.sorted { ($1.score, $0.passage.id) < ($0.score, $1.passage.id) }.prefix(k)
                return QueryHits(
                    passages: best.enumerated().map { rank, hit in
                        ScoredPassage(passage: hit.passage, score: hit.score, rank: rank)
                    })
            },
            passagesSearched: passages)
    }
}
