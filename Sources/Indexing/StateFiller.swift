internal import Core
internal import Foundation
internal import PassageStore
internal import Platform

/// Stores the states of an index's passages beside its shards, so that generators need not compute them.
///
/// It comes after the manifest, because states are a cache: an index is complete without them, can be served before all
/// are there, and can be given them later. States that are there are passed over, so an interrupted run goes on. The
/// manifest says how states are stored before the first of them is.
struct StateFiller {
    let directory: IndexWorkspace
    let options: StateOptions
    let monitor: RunMonitor

    /// Passages whose states are in memory together: some 2 MB each at a billion weights, 7 MB at three.
    private static let batchRows = 32
    /// Passages, of all shards together, whose states codebooks are learnt from.
    private static let samplePassages = 256
    /// How states are stored that a cluster has added to an index whose manifest knows of none.
    private static let unspoken = IndexManifest.States(codec: "bf16", keepsHalf: false)

    /// - Throws: `failedPrecondition` or `unavailable` when a running shard writes to the states; `cancelled`;
    ///   `resourceExhausted` when the disk is full. After any of them the same command goes on.
    func run() throws(ImpRAGError) -> IndexReport.States {
        let index = try IndexDirectory(path: directory.path)
        var manifest = index.manifest
        // No generator would look for them any more, and they would take the place of others.
        if manifest.states ?? Self.unspoken != options.maker.form { try directory.removeStates() }
        let encoder = try makeEncoder(index)
        if manifest.states != options.maker.form {
            manifest.states = options.maker.form
            try directory.finish(manifest)
        }
        return try fill(index, encoder)
    }

    // MARK: Codebooks

    private func makeEncoder(_ index: IndexDirectory) throws(ImpRAGError) -> any PassageStateEncoder {
        guard options.maker.needsCodebooks else { return try options.maker.encoder(codebooks: nil) }
        if FileManager.default.fileExists(atPath: index.codebooksPath) {
            let file = try MappedFile(path: index.codebooksPath)
            do throws(ImpRAGError) {
                return try options.maker.encoder(codebooks: file.copyBytes(in: 0..<file.count))
            } catch {
                // Damaged, or of another shape: made again.
                guard error.code == .dataLoss || error.code == .invalidArgument else { throw error }
            }
        }
        let start = ContinuousClock.now
        monitor.tell(.codebooks, 0, 1, since: start)
        try monitor.checkCancelled("the index is complete; its passages' states are not stored")
        // Whatever is there was encoded with codebooks that are gone.
        try directory.removeStates()
        let codebooks = try options.maker.trainCodebooks(on: try sample(index))
        try DurableFile.write(codebooks, to: index.codebooksPath)
        monitor.tell(.codebooks, 1, 1, since: start)
        return try options.maker.encoder(codebooks: codebooks)
    }

    /// Passages that stand evenly over all shards; the same ones every time.
    private func sample(_ index: IndexDirectory) throws(ImpRAGError) -> [Passage] {
        var passages: [Passage] = []
        let count = (Self.samplePassages + index.shardCount - 1) / index.shardCount
        for shard in 0..<index.shardCount {
            let partition = try index.partition(shard)
            let rows = Self.rows(of: partition)
            let drawn = (0..<min(count, rows.count)).map { rows[$0 * rows.count / min(count, rows.count)] }
            passages += try partition.passages(rows: drawn).compactMap { $0 }
        }
        return passages
    }

    // MARK: States

    private func fill(
        _ index: IndexDirectory, _ encoder: any PassageStateEncoder
    ) throws(ImpRAGError) -> IndexReport.States {
        let budget = options.budget.map { ByteCount(max(1, $0.bytes / index.shardCount)) } ?? ByteCount(.max)
        let start = ContinuousClock.now
        var report = IndexReport.States()
        for shard in 0..<index.shardCount { report.passages += try index.partition(shard).count }
        var done = 0
        for shard in 0..<index.shardCount {
            let partition = try index.partition(shard)
            let store = try StateStore(
                path: index.statesPath(shard), fingerprint: index.fingerprint, budget: budget, access: .readWrite)
            let rows = Self.rows(of: partition)
            var (first, stored, isFull) = (0, 0, false)
            while first < rows.count, !isFull {
                monitor.tell(
                    .states, done + first, report.passages, doneBefore: done + first - report.computed, since: start)
                try directory.requireSpace(shardCount: index.shardCount)
                try monitor.checkCancelled(
                    "the index is complete; \(report.stored + stored) of \(report.passages) passages have states")
                let batch = rows[first..<min(first + Self.batchRows, rows.count)]
                let passages = try partition.passages(rows: Array(batch)).compactMap { $0 }
                let added = try add(passages, to: store, encoder)
                stored += added.stored
                report.computed += added.computed
                isFull = added.isFull
                first += batch.count
            }
            try store.flush()
            // Of the rows behind the one that found no room, some may have states from an earlier run.
            report.stored += isFull ? max(stored, min(store.figures.entries, rows.count)) : stored
            report.bytes += store.figures.bytes.bytes
            report.isFull = report.isFull || isFull
            done += rows.count
        }
        report.seconds = seconds(since: start)
        monitor.tell(.states, done, report.passages, doneBefore: done - report.computed, since: start)
        return report
    }

    private static func rows(of partition: Partition) -> [Int] {
        var rows: [Int] = []
        partition.liveRows().forEach { rows.append($0) }
        return rows
    }

    private func add(
        _ passages: [Passage], to store: StateStore, _ encoder: any PassageStateEncoder
    ) throws(ImpRAGError) -> (stored: Int, computed: Int, isFull: Bool) {
        let keys = try encoder.keys(of: passages)
        let missing = passages.indices.filter { store.size(of: keys[$0]) == nil }
        guard !missing.isEmpty else { return (passages.count, 0, false) }
        var computed = 0
        let there = passages.count - missing.count
        for (place, state) in zip(missing, try encoder.states(of: missing.map { passages[$0] })) {
            // Asked first: the store would let others go for it.
            guard store.hasRoom(for: state.count) else { return (there + computed, computed, true) }
            guard try store.insert(state, for: keys[place]) else {
                throw ImpRAGError(
                    .resourceExhausted,
                    "the disk of \(store.path) is too full to store states safely; make room and run the same command "
                        + "again, it goes on where it stopped, or give it a smaller --state-budget")
            }
            computed += 1
        }
        return (there + computed, computed, false)
    }
}
