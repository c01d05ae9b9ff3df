internal import Core
internal import Foundation
internal import Platform
internal import Storage

/// Stores passage states beside the partitions of an index or a part, so that generators need not compute them.
///
/// While passages are embedded, `PassageReader` computes their states in the same pass. `run` computes those that are
/// missing once all passages are indexed: states are a cache, so an index is complete and can be served without them,
/// and they can be added later. Existing states are skipped, so an interrupted run resumes. The manifest, or the job
/// before there is one, records the form of states before any is stored.
struct StateFiller {
    let directory: IndexWorkspace
    let fingerprint: Fingerprint
    let partitionCount: Int
    /// Nil for a whole index.
    let part: IndexPart?
    let options: StateOptions
    let monitor: RunMonitor

    /// Passages of one batch.
    private static let batchRows = 32
    /// Passages whose states codebooks are trained on, over all partitions.
    static let samplePassages = 256
    /// The form of states that a cluster has added to an index whose manifest records none.
    private static let unspoken = IndexManifest.States(codec: "bf16", keepsHalf: false)

    /// Computes and stores missing states, once all passages are in their partitions.
    ///
    /// - Throws: `failedPrecondition` or `unavailable` when a running shard writes to the states; `cancelled`;
    ///   `resourceExhausted` when the disk is full. After any of them, the same command resumes.
    func run() throws(ImpRAGError) -> IndexReport.States {
        let encoder = try prepare(
            recorded: try directory.recordedStates(), sample: samplePartitions,
            record: { form throws(ImpRAGError) in try directory.record(form) })
        return try fill(encoder)
    }

    /// Removes states of another form, and trains codebooks if they are needed and missing.
    ///
    /// - Parameters:
    ///   - recorded: the form of existing states; nil when none is recorded.
    ///   - sample: passages to train codebooks on; deterministic.
    ///   - record: records the form of states; called only when it changes.
    func prepare(
        recorded: IndexManifest.States?, sample: () throws(ImpRAGError) -> [Passage],
        record: (IndexManifest.States) throws(ImpRAGError) -> Void
    ) throws(ImpRAGError) -> any PassageStateEncoder {
        // No generator would look for them, and they would take up room.
        if recorded ?? Self.unspoken != options.maker.form { try directory.removeStates() }
        let encoder = try makeEncoder(sample)
        if recorded != options.maker.form { try record(options.maker.form) }
        return encoder
    }

    /// The stores of all partitions.
    func stores() throws(ImpRAGError) -> [StateStore] {
        var stores: [StateStore] = []
        for number in 0..<partitionCount { stores.append(try store(number)) }
        return stores
    }

    private func store(_ number: Int) throws(ImpRAGError) -> StateStore {
        try StateStore(
            path: directory.statesPath(number), fingerprint: fingerprint,
            budget: options.partitionBudget(partitionCount: partitionCount, partCount: part?.count ?? 1),
            access: .readWrite,
            writeBufferLimit: StateOptions.writeBufferLimit(partitionCount: partitionCount))
    }

    // MARK: Codebooks

    private func makeEncoder(
        _ sample: () throws(ImpRAGError) -> [Passage]
    ) throws(ImpRAGError) -> any PassageStateEncoder {
        guard options.maker.needsCodebooks else { return try options.maker.encoder(codebooks: nil) }
        if let codebooks = try directory.codebooks() {
            do throws(ImpRAGError) {
                return try options.maker.encoder(codebooks: codebooks)
            } catch {
                // Damaged, or of another shape: train them again.
                guard error.code == .dataLoss || error.code == .invalidArgument else { throw error }
            }
        }
        let start = ContinuousClock.now
        monitor.tell(.codebooks, 0, 1, since: start)
        try monitor.checkCancelled("codebooks for the passages' states are not learnt")
        // Existing states were encoded with codebooks that are gone.
        try directory.removeStates()
        let codebooks = try options.maker.trainCodebooks(on: try sample())
        try directory.write(codebooks: codebooks)
        monitor.tell(.codebooks, 1, 1, since: start)
        return try options.maker.encoder(codebooks: codebooks)
    }

    /// Passages spread evenly over all partitions.
    private func samplePartitions() throws(ImpRAGError) -> [Passage] {
        var passages: [Passage] = []
        let count = (Self.samplePassages + partitionCount - 1) / partitionCount
        for number in 0..<partitionCount {
            let partition = try partition(number)
            let rows = Self.rows(of: partition)
            let drawn = (0..<min(count, rows.count)).map { rows[$0 * rows.count / min(count, rows.count)] }
            passages += try partition.passages(rows: drawn).compactMap { $0 }
        }
        return passages
    }

    // MARK: States

    private func fill(_ encoder: any PassageStateEncoder) throws(ImpRAGError) -> IndexReport.States {
        let start = ContinuousClock.now
        var report = IndexReport.States()
        for number in 0..<partitionCount { report.passages += try partition(number).count }
        var done = 0
        for number in 0..<partitionCount {
            let partition = try partition(number)
            let store = try store(number)
            let rows = Self.rows(of: partition)
            var (first, stored, isFull) = (0, 0, false)
            while first < rows.count, !isFull {
                monitor.tell(
                    .states, done + first, report.passages, doneBefore: done + first - report.computed, since: start)
                try directory.requireSpace(partitionCount: partitionCount)
                try monitor.checkCancelled(
                    "all passages are indexed; \(report.stored + stored) of \(report.passages) have states")
                let batch = rows[first..<min(first + Self.batchRows, rows.count)]
                let passages = try partition.passages(rows: Array(batch)).compactMap { $0 }
                let added = try store.add(statesOf: passages, by: encoder)
                stored += added.stored
                report.computed += added.computed
                isFull = added.isFull
                first += batch.count
            }
            try store.flush()
            // Rows after the one without room may have states from an earlier run.
            report.stored += isFull ? max(stored, min(store.figures.entries, rows.count)) : stored
            report.bytes += store.figures.bytes.bytes
            report.isFull = report.isFull || isFull
            done += rows.count
        }
        report.seconds = seconds(since: start)
        monitor.tell(.states, done, report.passages, doneBefore: done - report.computed, since: start)
        return report
    }

    private func partition(_ number: Int) throws(ImpRAGError) -> Partition {
        try Partition(path: directory.partitionPath(number), expecting: fingerprint)
    }

    private static func rows(of partition: Partition) -> [Int] {
        var rows: [Int] = []
        partition.liveRows().forEach { rows.append($0) }
        return rows
    }
}
