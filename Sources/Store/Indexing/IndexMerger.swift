public import Core
internal import Platform
internal import Storage
internal import Words

/// Merges parts into the index that a single process would have made.
///
/// Batches are copied in the order in which a single process would have embedded them, the end is as in `IndexBuilder`,
/// and passage states beside the parts are copied too. An interrupted run resumes at each partition's next batch. Parts
/// are only read.
///
/// Blocking: run it on a dedicated thread.
public struct IndexMerger {
    private let options: MergeOptions
    private let embedder: any PassageEmbedder
    private let monitor: RunMonitor

    /// Batches copied in one write, since every write waits for the disk.
    private static let batchesPerWrite = 8

    /// - Parameter embedder: the parts' own model; it embeds only the questions for calibration.
    public init(options: MergeOptions, embedder: any PassageEmbedder, monitor: RunMonitor = RunMonitor()) {
        (self.options, self.embedder, self.monitor) = (options, embedder, monitor)
    }

    /// Makes the index, resumes an interrupted run, or finds the index complete.
    ///
    /// - Throws: `invalidArgument` for options; `failedPrecondition` when parts are missing, unfinished, duplicated or
    ///   of different indexes, naming all of them, when the directory holds another index, or another process is
    ///   working in it; `cancelled`; `resourceExhausted` when the disk is full; `dataLoss` for damaged files.
    public func run() throws(ImpRAGError) -> IndexReport {
        try options.validate()
        let parts = try PartSet(at: options.parts.isEmpty ? [options.directory] : options.parts, for: embedder)
        let directory = IndexWorkspace(path: options.directory)
        try directory.create()
        let lock = try directory.lock()
        defer { lock.release() }

        if options.replacesExisting { try directory.removeIndex(discardsUpdates: options.discardsUpdates) }
        var report: IndexReport
        if let manifest = try directory.finishedManifest() {
            try require(parts.job, IndexJob(manifest), "a finished index")
            let differences = options.vectorIndex.differences(from: manifest)
            guard differences.isEmpty else {
                throw ImpRAGError(
                    .failedPrecondition,
                    "\(options.directory) holds a finished index of these parts, but \(differences.joined(separator: "; ")); "
                        + "name another directory, or replace it with --force")
            }
            try directory.removeScratch()
            try directory.requirePartitions()
            report = self.report(parts.job, wasComplete: true)
        } else {
            report = try merge(parts, to: directory)
        }
        report.states = try StateMerger(
            parts: parts, directory: directory, fingerprint: embedder.fingerprint, options: options.states,
            monitor: monitor
        ).run()
        if let states = options.states {
            report.states = try StateFiller(
                directory: directory, fingerprint: embedder.fingerprint, partitionCount: parts.job.partitionCount,
                part: nil,
                options: states, monitor: monitor
            ).run()
        }
        return report
    }

    private func merge(_ parts: PartSet, to directory: IndexWorkspace) throws(ImpRAGError) -> IndexReport {
        if let job = try directory.unfinishedJob() {
            try require(parts.job, job, "an unfinished index")
        } else {
            try directory.write(parts.job)
        }
        try directory.requireSpace(partitionCount: parts.job.partitionCount)
        OpenFileLimit.raise()
        let writers = try copy(parts, to: directory)
        let finisher = IndexFinisher(
            directory: directory, embedder: embedder, options: options.vectorIndex, monitor: monitor)
        let outcome = try finisher.finish(parts.job, writers, modelName: options.modelName)
        var report = report(parts.job, wasComplete: false)
        (report.calibrated, report.words) = (outcome.calibrated, outcome.words)
        return report
    }

    /// Copies what the partitions lack.
    private func copy(_ parts: PartSet, to directory: IndexWorkspace) throws(ImpRAGError) -> [PartitionWriter] {
        let (job, start) = (parts.job, ContinuousClock.now)
        let writers = try PartitionFiller.writers(
            directory, fingerprint: embedder.fingerprint, dimension: job.dimension, partitionCount: job.partitionCount,
            words: job.corpus.lexical.flatMap(WordAnalysis.init(rawValue:)))
        var written: Int { writers.reduce(0) { $0 + $1.count } }
        let (total, doneBefore) = (job.passages, written)
        for (number, writer) in writers.enumerated() {
            let partitions = try parts.partitions(number)
            var pieces = parts.pieces(of: number, from: writer.count)[...]
            while !pieces.isEmpty {
                monitor.tell(.merging, written, total, doneBefore: doneBefore, since: start)
                try directory.requireSpace(partitionCount: job.partitionCount)
                try monitor.checkCancelled("\(written) of \(total) passages are merged")
                try Self.copy(pieces.prefix(Self.batchesPerWrite), from: partitions, to: writer)
                pieces = pieces.dropFirst(Self.batchesPerWrite)
            }
        }
        monitor.tell(.merging, written, total, doneBefore: doneBefore, since: start)
        return writers
    }

    /// Copies consecutive pieces, all or none.
    private static func copy(
        _ pieces: ArraySlice<PartSet.Piece>, from partitions: [Partition], to writer: PartitionWriter
    ) throws(ImpRAGError) {
        var passages: [Passage] = []
        var vectors: [BFloat16] = []
        for piece in pieces {
            let partition = partitions[piece.part]
            for passage in try partition.passages(rows: Array(piece.partRows)) {
                guard let passage else { throw damaged(partition) }
                passages.append(passage)
            }
            vectors += try partition.loadVectors(in: piece.partRows)
        }
        try writer.append(passages, vectors: vectors)
    }

    private static func damaged(_ partition: Partition) -> ImpRAGError {
        ImpRAGError(
            .dataLoss, "\(partition.path) lacks passages that it was finished with; make its part again with --force")
    }

    private func require(_ job: IndexJob, _ existing: IndexJob, _ what: String) throws(ImpRAGError) {
        // Paths and reasons for bad lines are only for humans, so they do not count.
        var (wanted, there) = (job, existing)
        for index in wanted.corpus.files.indices { wanted.corpus.files[index].path = "" }
        for index in there.corpus.files.indices { there.corpus.files[index].path = "" }
        wanted.badLines = there.badLines
        guard wanted == there else {
            throw ImpRAGError(
                .failedPrecondition,
                "\(options.directory) holds \(what) of something else than these parts; name another directory, or replace it "
                    + "with --force")
        }
    }

    private func report(_ job: IndexJob, wasComplete: Bool) -> IndexReport {
        IndexReport(job, embedded: 0, seconds: monitor.seconds, embeddingSeconds: 0, wasComplete: wasComplete)
    }
}
