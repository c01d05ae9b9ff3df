public import Core
internal import Kernels
internal import Synchronization
public import VectorIndex
internal import Words

/// One partition with its vector index in memory, searched by any number of threads while another changes it.
///
/// A change reaches the disk first, then `state`, then the caller. So whatever was acknowledged is on disk and is
/// found, and a kill at any moment loses none of it.
public final class LivePartition: Sendable {
    public let partition: Partition
    let source: PartitionVectors
    let state: Mutex<State>
    /// Held from before a change reaches the disk until it is in `state`, so that rows enter `state` in order.
    let updates = Mutex(())
    /// Held by whoever changes lists, for one bounded piece of work. Taken before `updates`, where both are needed.
    let lists = Mutex(())
    /// Held by whoever trains a new index; nobody waits for it.
    let training = Mutex(())
    let pool = WorkerPool(threadCount: 1)
    let memoryLimit: ByteCount?
    let keepsVectors: Bool
    let defaults: Defaults
    let crew: SearchCrew?
    let searcher = IndexSearcher()
    /// Filled by a recall meter, if there is one.
    let samples = Mutex(SearchSamples())

    /// The position of the sweep through the lexical index; held by whoever sweeps.
    let sweep = Mutex(WordSweep())

    struct State {
        var snapshot: IndexSnapshot
        /// Nil while there is no index.
        var header: VectorIndexHeader?
        /// Nil without a lexical index.
        var words: LiveWords?
    }

    /// The effort of searches that do not set their own.
    public struct Defaults: Sendable {
        public var recall: Double?
        public var probes: Int?
        public var candidates: Int?

        public init(recall: Double? = nil, probes: Int? = nil, candidates: Int? = nil) {
            self.recall = recall
            self.probes = probes
            self.candidates = candidates
        }
    }

    /// The recall@10 to aim at when neither the request nor the index says.
    public static let defaultTarget = 0.95

    /// Reads codes and the vectors that are not coded.
    ///
    /// - Parameters:
    ///   - defaults: the effort of searches that do not say their own.
    ///   - memoryLimit: what `indexBytes` may grow to; updates beyond it are refused.
    ///   - keepsVectors: whether a small partition's vectors stay in memory, beside its lists and within the limit; for
    ///     whoever searches it more than a few times.
    ///   - crew: shared by all partitions that the same threads search; nil runs each search on its caller's thread.
    /// - Throws: `dataLoss` when something is damaged, and `resourceExhausted` when the index is larger than the limit.
    public init(
        _ partition: Partition, defaults: Defaults = Defaults(), memoryLimit: ByteCount? = nil,
        keepsVectors: Bool = false, crew: SearchCrew? = nil
    ) throws(ImpRAGError) {
        if let memoryLimit {
            let needed = try Self.requiredBytes(partition)
            guard needed <= memoryLimit else {
                throw ImpRAGError(
                    .resourceExhausted, "the index of \(partition.path) needs \(needed), but may take \(memoryLimit)")
            }
        }
        self.partition = partition
        self.memoryLimit = memoryLimit
        self.keepsVectors = keepsVectors
        self.defaults = defaults
        self.crew = crew
        source = PartitionVectors(partition: partition)
        let header = try partition.indexHeader()
        let coded = try header.map { header throws(ImpRAGError) in try partition.loadIndex(header) }
        var flat = FlatRows(dimension: partition.dimension)
        try Self.read(partition, from: header?.indexedRows ?? 0) { flat.append(rows: $0, vectors: $1) }
        var kept: KeptVectors?
        if keepsVectors, coded != nil {
            let spare = Self.spare(memoryLimit, beside: try Self.requiredBytes(partition), of: partition)
            kept = Self.vectors(of: partition, spare: spare)
        }
        state = Mutex(
            State(
                snapshot: IndexSnapshot(coded: coded, flat: flat, live: partition.liveRows(), kept: kept),
                header: header, words: try LiveWords(partition)))
    }

    /// Memory of the index of `partition` once loaded, without room for updates.
    public static func requiredBytes(_ partition: Partition) throws(ImpRAGError) -> ByteCount {
        let header = try partition.indexHeader()
        let flat = FlatRows.residentBytes(
            count: max(0, partition.rowLimit - (header?.indexedRows ?? 0)), dimension: partition.dimension)
        // A hostile header's number of bytes is more than any limit, not a trap.
        let indexed = min(header?.residentBytes ?? 0, 1 << 60)
        return ByteCount(indexed + flat.bytes + partition.rowLimit / 4 + LiveWords.residentBytes(partition))
    }

    /// What updates may add to `requiredBytes` before maintenance moves them into lists.
    public static func updateBytes(dimension: Int) -> ByteCount {
        FlatRows.residentBytes(count: flatHardLimit(dimension: dimension), dimension: dimension)
    }

    /// Rows that may be without a list. An update that would exceed it moves them into lists itself, before its own
    /// rows.
    static func flatHardLimit(dimension: Int) -> Int { 2 * IndexConstruction.flatLimit(dimension: dimension) }

    // MARK: Figures

    public var indexBytes: ByteCount {
        ByteCount(state.withLock { $0.snapshot.residentBytes }.bytes + LiveWords.residentBytes(partition))
    }

    /// Rows that are compared one by one because they are in no list.
    public var unindexed: Int { state.withLock { $0.snapshot.flat.count } }

    public var calibration: Calibration? { state.withLock { $0.header?.calibration } }

    // MARK: Search

    /// The best `k` passages for each query, best first; equal scores by lower row.
    ///
    /// - Parameters:
    ///   - queries: `[n × dimension]`, finite.
    ///   - options: validated.
    public func search(
        _ queries: [Float], k: Int, options: SearchOptions = SearchOptions(), deadline: Deadline
    ) throws(ImpRAGError) -> [[Hit]] {
        try searchInDetail(queries, k: k, options: options, deadline: deadline).outcomes.map(\.hits)
    }

    /// What was found, at what cost, and in which state.
    public struct Search: Sendable {
        public let outcomes: [IndexSnapshot.Outcome]
        /// Rows that could have been found.
        public let live: RowSet
        /// Whether every row was compared.
        public let isExact: Bool
    }

    /// As `search`.
    ///
    /// - Parameter plan: nil, or the effort, instead of what options and defaults map to.
    public func searchInDetail(
        _ queries: [Float], k: Int, options: SearchOptions = SearchOptions(), plan: SearchPlan? = nil,
        deadline: Deadline
    ) throws(ImpRAGError) -> Search {
        let (snapshot, header) = state.withLock { ($0.snapshot, $0.header) }
        var matches: RowSet?
        if let filter = options.filter {
            let rows = try partition.rows(matching: filter)
            matches = RowSet(words: zip(rows.words, snapshot.live.words).map { $0 & $1 })
        }
        if options.isExact, snapshot.coded != nil {
            let outcomes = try ExactSearch(source: source, kept: snapshot.kept).searchInDetail(
                queries, k: k, allowed: matches ?? snapshot.live, deadline: deadline)
            return Search(outcomes: outcomes, live: snapshot.live, isExact: true)
        }
        func search(_ helpers: WorkerPool?) throws(ImpRAGError) -> [IndexSnapshot.Outcome] {
            try searcher.search(
                queries, k: k, plan: plan ?? self.plan(options, header), in: snapshot, source: source,
                matches: matches, helpers: helpers, deadline: deadline)
        }
        let outcomes = if let crew { try crew.join(search) } else { try search(nil) }
        return Search(outcomes: outcomes, live: snapshot.live, isExact: snapshot.coded == nil)
    }

    /// Raw knobs come first, then the requested recall, then the index's own target.
    private func plan(_ options: SearchOptions, _ header: VectorIndexHeader?) -> SearchPlan {
        let target = options.recall ?? defaults.recall ?? header?.target ?? Self.defaultTarget
        var plan = header?.calibration.entry(for: target)?.plan ?? SearchPlan(probes: 64, margin: 3)
        if let probes = options.probes ?? (options.recall == nil ? defaults.probes : nil) { plan.probes = probes }
        if let candidates = options.candidates ?? (options.recall == nil ? defaults.candidates : nil) {
            plan.candidates = candidates
        }
        return plan
    }

    // MARK: Changes

    /// On return the passages are durable, and every search that begins from now on finds them.
    ///
    /// - Parameter vectors: `[passages.count × dimension]`.
    /// - Throws: as `Partition.upsert`, and `resourceExhausted` when the index would outgrow its memory.
    public func upsert(_ passages: [Passage], vectors: [BFloat16]) throws(ImpRAGError) -> Partition.Change {
        try makeRoom(for: passages.count)
        return try updates.withLock { _ throws(ImpRAGError) in
            let change = try partition.upsert(passages, vectors: vectors)
            show(change)
            return change
        }
    }

    /// On return the deletion is durable, and no search that begins from now on finds the passages. Returns how many
    /// existed.
    ///
    /// - Throws: as `Partition.delete`.
    public func delete(ids: [String]) throws(ImpRAGError) -> Int {
        try updates.withLock { _ throws(ImpRAGError) in
            let change = try partition.delete(ids: ids)
            show(change)
            return change.replaced.count
        }
    }

    /// On return the changes that the log's segment `epoch` makes here are durable, and every search that begins from
    /// now on sees all of them.
    ///
    /// - Returns: what each update did, by its number in the segment; empty for a segment that is in here already.
    /// - Throws: as `Partition.apply`, and `resourceExhausted` when the index would outgrow its memory, or when a first
    ///   index is being built and has to be waited for.
    public func apply(_ changes: [LoggedChange], epoch: Int) throws(ImpRAGError) -> [Int: UpdateOutcome] {
        var count = 0
        for case .upsert in changes.map(\.change) { count += 1 }
        if count > 0, epoch > partition.logPosition?.epoch ?? 0 { try makeRoom(for: count, isLogged: true) }
        return try updates.withLock { _ throws(ImpRAGError) in
            let applied = try partition.apply(changes, epoch: epoch)
            show(applied.change)
            return applied.outcomes
        }
    }

    /// Has searches see what is on the disk.
    private func show(_ change: Partition.Change) {
        guard !change.rows.isEmpty || !change.replaced.isEmpty else { return }
        let live = partition.liveRows()
        state.withLock { state in
            state.snapshot.flat.append(rows: Array(change.rows), vectors: change.vectors)
            state.snapshot.keep(change)
            state.snapshot.live = live
            state.words?.apply(change)
        }
    }

    /// - Parameter isLogged: whether the passages are of the log, and were acknowledged. Since they have to come in, at
    ///   whatever size, they may go beyond the limit once, and the next ones wait for the index.
    private func makeRoom(for count: Int, isLogged: Bool = false) throws(ImpRAGError) {
        let dimension = partition.dimension
        let (flat, isCoded) = state.withLock { ($0.snapshot.flat.count, $0.snapshot.coded != nil) }
        if let memoryLimit {
            func needed() -> ByteCount {
                ByteCount(indexBytes.bytes + FlatRows.residentBytes(count: count, dimension: dimension).bytes)
            }
            if needed() > memoryLimit { dropVectors() }
            // In lists rows need less.
            if needed() > memoryLimit, isCoded, flat > 0 { try absorb() }
            let needed = needed()
            guard needed <= memoryLimit else {
                throw ImpRAGError(
                    .resourceExhausted,
                    "with these passages the index of \(partition.path) would need \(needed), but may take \(memoryLimit); "
                        + "start the node with a larger memory_budget")
            }
        }
        guard flat + count > Self.flatHardLimit(dimension: dimension) else { return }
        guard !isCoded else { return try absorb() }
        try forgetDead()
        guard unindexed + (isLogged ? 0 : count) <= Self.flatHardLimit(dimension: dimension) else {
            throw ImpRAGError(
                .resourceExhausted,
                "\(flat) passages of \(partition.path) have no list yet, and their index is still being built; try again later"
            )
        }
    }

    static func read(
        _ partition: Partition, from first: Int, _ body: (_ rows: [Int], _ vectors: [BFloat16]) -> Void
    ) throws(ImpRAGError) {
        let end = partition.rowLimit
        // In blocks, so that they are never all copied at once.
        for start in stride(from: first, to: end, by: 1024) {
            var rows: [Int] = []
            var vectors: [BFloat16] = []
            try partition.scanVectors(from: start, until: min(start + 1024, end)) { row, vector in
                rows.append(row)
                appendNumbers(of: vector, to: &vectors)
                return true
            }
            body(rows, vectors)
        }
    }
}
