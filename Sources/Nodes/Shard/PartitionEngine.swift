import Cluster
import Core
import Storage
import Synchronization
import VectorIndex
import Wire
import Words

/// A partition on disk with its index in memory.
struct PartitionEngine: SearchEngine {
    let live: LivePartition
    private let meter: RecallMeter?
    private let told = Told()

    /// Rows without a score that have been logged.
    private final class Told: Sendable {
        let rows = Mutex<Set<Int>>([])
    }

    var fingerprint: Fingerprint { live.partition.fingerprint }
    var dimension: Int { live.partition.dimension }
    var partition: Int { live.partition.number }
    var partitionCount: Int { live.partition.partitionCount }
    var count: Int { live.partition.count }
    var epoch: Int { live.partition.logPosition?.epoch ?? 0 }
    var figures: EngineFigures {
        EngineFigures(indexBytes: live.indexBytes, unindexed: live.unindexed, recall: meter?.figures)
    }

    /// Attempts per search by words: a passage deleted between searching and reading makes it incomplete, and it is
    /// repeated.
    private static let attempts = 3

    init(_ live: LivePartition, settings: ShardSettings) throws(ImpRAGError) {
        self.live = live
        meter = settings.recallMeterShare > 0 ? try RecallMeter(live, share: settings.recallMeterShare) : nil
    }

    func search(
        _ queries: [Float], k: Int, options: SearchOptions, deadline: Deadline
    ) throws(ImpRAGError) -> [[Hit]] {
        let search = try live.searchInDetail(queries, k: k, options: options, deadline: deadline)
        try tell(unscored: search.outcomes.flatMap(\.unscored))
        // A search with options of its own says nothing about the node's calibration.
        if let meter, options == SearchOptions(minEpoch: options.minEpoch) {
            for query in search.outcomes.indices {
                let own = Array(queries[(query * dimension)..<((query + 1) * dimension)])
                meter.offer(own, k: k, search, place: query)
            }
        }
        return search.outcomes.map(\.hits)
    }

    func passages(rows: [Int]) throws(ImpRAGError) -> [Passage?] { try live.partition.passages(rows: rows) }

    /// Logs, once per row, a vector too large to have a score: it was stored before `VectorLimit` was enforced.
    private func tell(unscored rows: [Int]) throws(ImpRAGError) {
        let new = told.rows.withLock { told in rows.filter { told.count < 1000 && told.insert($0).inserted } }
        guard !new.isEmpty else { return }
        for (row, passage) in zip(new, try live.partition.passages(rows: new)) {
            guard let passage else { continue }
            NodeProcess.log(
                "row \(row) of \(live.partition.path) is passed over: the vector of '\(passage.id)' is too large to be compared; "
                    + "upsert the passage again, or delete it")
        }
    }

    func searchWords(
        _ text: String, count: Int, filter: Filter?, deadline: Deadline
    ) throws(ImpRAGError) -> ShardWords? {
        var found: ShardWords?
        for _ in 1...Self.attempts {
            guard
                let matches = try live.searchWords(text, count: count, filter: filter, deadline: deadline)
            else { return nil }
            try deadline.check("reading passages")
            let passages = try live.partition.passages(rows: matches.hits.map(\.row))
            let hits = zip(matches.hits, passages).compactMap { hit, passage in
                passage.map {
                    ShardWordHit(
                        passage: $0, frequencies: hit.frequencies, length: hit.length, titleTerms: hit.title.terms,
                        titleCount: hit.title.count)
                }
            }
            found = ShardWords(
                terms: matches.terms, passages: matches.statistics.passages, tokens: matches.statistics.tokens,
                passagesWithTerm: matches.statistics.frequencies, hits: hits)
            if hits.count == matches.hits.count { break }
        }
        return found
    }

    func apply(_ changes: [LoggedChange], epoch: Int) throws(ImpRAGError) -> [Int: UpdateOutcome] {
        try live.apply(changes, epoch: epoch)
    }

    func stop() { meter?.stop() }
}
