public import Core
internal import Corpus
internal import Foundation
internal import PassageStore
internal import Platform
internal import Retrieval
internal import VectorIndex

/// Makes an index of a corpus: reads, cuts, embeds, routes and writes.
///
/// The corpus is read twice: a scan finds bad lines, duplicates and totals before any time goes into the model; then
/// every surviving passage goes to the shard of its id. Each shard collects passages in reading order; a full batch is
/// embedded and written in one atomic, synced write. So what is on the disk is always a whole number of batches of each
/// shard, an interrupted run goes on at each shard's next batch with exactly the passages that the batch would have had,
/// and the result does not depend on interruptions. The manifest is written last, atomically.
///
/// Blocking and CPU-bound: run it on a thread of your own.
public struct IndexBuilder {
    private let options: IndexOptions
    private let embedder: any PassageEmbedder
    private let isCancelled: @Sendable () -> Bool
    private let report: (IndexProgress) -> Void
    private let started = ContinuousClock.now

    /// - Parameters:
    ///   - isCancelled: asked between batches; true ends the run with `cancelled`, ready to be resumed.
    ///   - progress: told after every step, on the thread that runs.
    public init(
        options: IndexOptions, embedder: any PassageEmbedder, isCancelled: @escaping @Sendable () -> Bool = { false },
        progress: @escaping (IndexProgress) -> Void = { _ in }
    ) {
        self.options = options
        self.embedder = embedder
        self.isCancelled = isCancelled
        report = progress
    }

    /// Makes the index, or goes on where an interrupted run stopped, or finds it complete.
    ///
    /// - Throws: `invalidArgument` for options and bad lines; `failedPrecondition` when the directory holds another
    ///   index, or another process is at work in it; `cancelled`; `resourceExhausted` when the disk is full;
    ///   `dataLoss` for damaged files. After any of them the same command goes on.
    public func run() throws(ImpRAGError) -> IndexReport {
        try options.validate()
        // Files are looked for before anything is made.
        _ = try makeReader()
        let directory = IndexWorkspace(path: options.directory)
        try directory.create()
        let lock = try directory.lock()
        defer { lock.release() }

        if options.replacesExisting { try directory.removeIndex() }
        let inputs = try examineInputs()
        if let manifest = try directory.finishedManifest() {
            return try alreadyComplete(manifest, inputs)
        }
        try directory.requireSpace(shardCount: options.shardCount)
        OpenFileLimit.raise()  // A partition has about ten files open.
        let (job, scan) = try prepare(directory, inputs)
        let filler = try fill(directory, job, inputs, scan)
        return try finish(directory, job, filler)
    }

    // MARK: Before embedding

    /// Reads every corpus file for its checksum.
    private func examineInputs() throws(ImpRAGError) -> IndexInputs {
        var files: [IndexManifest.File] = []
        let total = try makeReader().totalBytes
        var done = 0
        let phaseStart = ContinuousClock.now
        for path in options.corpus {
            var hasher = SHA256()
            let reader = try ByteReader(path: path, decompressing: false)
            var piece: [UInt8] = []
            var bytes = 0
            while true {
                piece.removeAll(keepingCapacity: true)
                let count = try reader.read(into: &piece)
                if count == 0 { break }
                hasher.update(piece)
                bytes += count
                done += count
                try checkCancelled("checking the corpus")
                if done % (64 << 20) < count { tell(.checking, done, total, since: phaseStart) }
            }
            let digest = Fingerprint(bytes: hasher.finish())?.description ?? ""
            files.append(IndexManifest.File(path: path, bytes: bytes, sha256: digest))
        }
        return IndexInputs(
            fingerprint: embedder.fingerprint, dimension: embedder.dimension, shardCount: options.shardCount,
            files: files,
            formatName: options.format?.rawValue, wordsPerPassage: options.wordsPerPassage,
            skipsBadLines: options.skipsBadLines, arithmetic: embedder.arithmetic)
    }

    private func alreadyComplete(_ manifest: IndexManifest, _ inputs: IndexInputs) throws(ImpRAGError) -> IndexReport {
        let differences = inputs.differences(
            fingerprint: manifest.fingerprint, dimension: manifest.dimension, shardCount: manifest.shards.count,
            corpus: manifest.corpus)
        guard differences.isEmpty else {
            throw ImpRAGError(
                .failedPrecondition,
                "\(options.directory) holds a finished index of something else: \(differences.joined(separator: "; ")). "
                    + "Name another directory, or replace it with --force")
        }
        return IndexReport(
            passages: manifest.passages, passagesPerShard: manifest.shards.map(\.passages),
            documents: manifest.corpus.documents, duplicates: manifest.corpus.duplicates,
            badLines: BadLines(count: manifest.corpus.badLines), embedded: 0, seconds: seconds(since: started),
            embeddingSeconds: 0, wasComplete: true)
    }

    /// The job: that of the interrupted run, checked, or a new one from a scan. The scan is nil when nothing in the
    /// corpus is replaced, so that nobody needs to ask it.
    private func prepare(
        _ directory: IndexWorkspace, _ inputs: IndexInputs
    ) throws(ImpRAGError) -> (IndexJob, CorpusScan?) {
        if let job = try directory.unfinishedJob() {
            let differences = inputs.differences(
                fingerprint: job.fingerprint, dimension: job.dimension, shardCount: job.shardCount, corpus: job.corpus)
            guard differences.isEmpty else {
                throw ImpRAGError(
                    .failedPrecondition,
                    "\(options.directory) holds an unfinished index of something else: "
                        + "\(differences.joined(separator: "; ")). Run its own command to finish it, name another "
                        + "directory, or replace it with --force")
            }
            if job.corpus.duplicates == 0 { return (job, nil) }
            if directory.hasScan { return (job, try CorpusScan(path: directory.scanPath)) }
            let (_, scan) = try scanCorpus(directory, inputs)
            return (job, scan)
        }
        let (outcome, scan) = try scanCorpus(directory, inputs)
        let job = IndexJob(
            fingerprint: inputs.fingerprint.description, dimension: inputs.dimension, shardCount: inputs.shardCount,
            corpus: IndexManifest.Corpus(
                files: inputs.files, formatName: inputs.formatName, wordsPerPassage: inputs.wordsPerPassage,
                skipsBadLines: inputs.skipsBadLines, arithmetic: inputs.arithmetic, batchRows: IndexOptions.batchRows,
                documents: outcome.documents,
                duplicates: outcome.documents - outcome.distinct, badLines: outcome.badLines.count),
            passages: outcome.passages, badLines: outcome.badLines)
        try directory.write(job)
        return (job, job.corpus.duplicates == 0 ? nil : scan)
    }

    private func scanCorpus(
        _ directory: IndexWorkspace, _ inputs: IndexInputs
    ) throws(ImpRAGError) -> (CorpusScan.Outcome, CorpusScan) {
        try directory.removeScan()
        let scan = try CorpusScan(path: directory.scanPath)
        var reader = try makeReader()
        let phaseStart = ContinuousClock.now
        let total = reader.totalBytes
        let outcome = try scan.run(&reader) { consumed throws(ImpRAGError) in
            tell(.scanning, consumed, total, since: phaseStart)
            try directory.requireSpace(shardCount: options.shardCount)
            try checkCancelled("reading the corpus")
        }
        guard outcome.passages > 0 else {
            let reasons = ([""] + outcome.badLines.examples).joined(separator: "\n  ")
            throw ImpRAGError(
                .invalidArgument,
                "the corpus has no passage to index"
                    + (outcome.badLines.count > 0
                        ? "; bad lines passed over: \(outcome.badLines.count), the first of them:\(reasons)" : ""))
        }
        return (outcome, scan)
    }

    // MARK: Embedding

    private func fill(
        _ directory: IndexWorkspace, _ job: IndexJob, _ inputs: IndexInputs, _ scan: CorpusScan?
    ) throws(ImpRAGError) -> ShardFiller {
        var filler = try ShardFiller(directory: directory, inputs: inputs, embedder: embedder)
        let doneBefore = filler.written
        let phaseStart = ContinuousClock.now
        func told() throws(ImpRAGError) {
            tell(.embedding, filler.written, job.passages, doneBefore: doneBefore, since: phaseStart)
            try directory.requireSpace(shardCount: options.shardCount)
            try checkCancelled("\(filler.written) of \(job.passages) passages are indexed")
        }
        try told()
        var reader = try makeReader()
        var number = 0
        while let document = try reader.next() {
            defer { number += 1 }
            if let scan {
                guard let isLast = try scan.isLast(number, id: document.id) else { throw corpusChanged }
                if !isLast { continue }
            }
            for passage in document.passages {
                if try filler.add(passage) { try told() }
            }
            if number % 4096 == 0 { try checkCancelled("\(filler.written) of \(job.passages) passages are indexed") }
        }
        while try filler.flushOne() { try told() }
        guard filler.written == job.passages else { throw corpusChanged }
        return filler
    }

    private var corpusChanged: ImpRAGError {
        ImpRAGError(
            .failedPrecondition, "the corpus files changed while they were indexed; run the command again with --force")
    }

    // MARK: The end

    private func finish(
        _ directory: IndexWorkspace, _ job: IndexJob, _ filler: ShardFiller
    ) throws(ImpRAGError) -> IndexReport {
        var shards: [IndexManifest.Shard] = []
        let phaseStart = ContinuousClock.now
        let (embedded, embeddingSeconds) = (filler.embedded, filler.embeddingSeconds)
        for (shard, writer) in filler.writers.enumerated() {
            tell(.verifying, shard, options.shardCount, since: phaseStart)
            try checkCancelled("all passages are indexed, but not verified")
            shards.append(
                IndexManifest.Shard(
                    directory: IndexDirectory.shardName(shard), passages: writer.count,
                    checksum: try writer.finish().description))
        }
        tell(.verifying, options.shardCount, options.shardCount, since: phaseStart)
        var sample: SampleQueries?
        var calibrated: IndexReport.Calibrated?
        for shard in shards.indices {
            guard let calibration = try makeVectorIndex(directory, shard, &sample) else { continue }
            shards[shard].calibration = calibration.entries.map {
                CalibratedPlan(
                    target: $0.target, measured: $0.measured, probes: $0.plan.probes, margin: Double($0.plan.margin))
            }
            guard let recall = calibration.entry(for: options.recall)?.measured else { continue }
            calibrated = IndexReport.Calibrated(
                recall: min(calibrated?.recall ?? 1, recall), queries: calibration.queries, source: calibration.source)
        }
        let manifest = IndexManifest(
            fingerprint: job.fingerprint, model: options.modelName, dimension: job.dimension, shards: shards,
            corpus: job.corpus)
        try directory.finish(manifest)
        return IndexReport(
            passages: manifest.passages, passagesPerShard: shards.map(\.passages), documents: job.corpus.documents,
            duplicates: job.corpus.duplicates, badLines: job.badLines, embedded: embedded,
            seconds: seconds(since: started), embeddingSeconds: embeddingSeconds, wasComplete: false,
            calibrated: calibrated)
    }

    /// Trains, codes and calibrates one partition's vector index, unless an interrupted run has; nil when the partition is
    /// so small that it needs none.
    private func makeVectorIndex(
        _ directory: IndexWorkspace, _ shard: Int, _ sample: inout SampleQueries?
    ) throws(ImpRAGError) -> Calibration? {
        let partition = try Partition(path: directory.shardPath(shard), access: .readWrite)
        var told = (step: IndexConstruction.Step?.none, start: ContinuousClock.now)
        if try IndexConstruction.isNeeded(for: partition) {
            let threads = options.threads ?? ProcessInfo.processInfo.activeProcessorCount
            if sample == nil { sample = try sampleQueries(directory) }
            let (isCancelled, state) = (
                isCancelled, "all passages are indexed; the vector index of shard \(shard) is not"
            )
            _ = try IndexConstruction(partition, target: options.recall, threads: threads).run(
                generation: 1, sample: sample,
                pause: { () throws(ImpRAGError) in if isCancelled() { throw Self.stopped(state) } }
            ) { step, done, total throws(ImpRAGError) in
                if told.step != step { told = (step, .now) }
                tell(IndexProgress.Phase(step), done, total, since: told.start)
                try directory.requireSpace(shardCount: options.shardCount)
                try checkCancelled(state)
            }
            try partition.flush()
        }
        return try LivePartition(partition).calibration
    }

    // MARK: Small things

    private func makeReader() throws(ImpRAGError) -> CorpusReader {
        try CorpusReader(
            files: options.corpus, format: options.format,
            splitter: PassageSplitter(wordsPerPassage: options.wordsPerPassage), skipsBadLines: options.skipsBadLines)
    }

    private func checkCancelled(_ state: @autoclosure () -> String) throws(ImpRAGError) {
        if isCancelled() { throw Self.stopped(state()) }
    }

    private static func stopped(_ state: String) -> ImpRAGError {
        ImpRAGError(.cancelled, "stopped (\(state)); run the same command again to go on")
    }

    /// The same for all shards: what one is asked, all are asked.
    private func sampleQueries(_ directory: IndexWorkspace) throws(ImpRAGError) -> SampleQueries {
        if let prompts = options.prompts {
            return SampleQueries(vectors: try embed(Self.spread(prompts)), source: .questions)
        }
        var prompts: [String] = []
        let count = (SampleQueries.limit + options.shardCount - 1) / options.shardCount
        for shard in 0..<options.shardCount {
            let partition = try Partition(path: directory.shardPath(shard), access: .readOnly)
            prompts += try SamplePrompts.prompts(of: partition, count: count)
        }
        return SampleQueries(vectors: try embed(Self.spread(prompts)), source: .prompts)
    }

    private func embed(_ prompts: [String]) throws(ImpRAGError) -> [Float] {
        var vectors: [Float] = []
        for first in stride(from: 0, to: prompts.count, by: 64) {
            try checkCancelled("all passages are indexed; their vector index is not")
            vectors += try embedder.embed(prompts: Array(prompts[first..<min(first + 64, prompts.count)]))
        }
        return vectors
    }

    /// As many as a calibration uses, from all over the list.
    private static func spread(_ prompts: [String]) -> [String] {
        let count = min(prompts.count, SampleQueries.limit)
        return (0..<count).map { prompts[$0 * prompts.count / count] }
    }

    private func tell(
        _ phase: IndexProgress.Phase, _ done: Int, _ total: Int, doneBefore: Int = 0,
        since start: ContinuousClock.Instant
    ) {
        report(
            IndexProgress(
                phase: phase, done: done, total: total, doneBefore: doneBefore, seconds: seconds(since: start)))
    }
}

/// Seconds from `start` to now.
func seconds(since start: ContinuousClock.Instant) -> Double {
    let parts = (ContinuousClock.now - start).components
    return Double(parts.seconds) + Double(parts.attoseconds) * 1e-18
}
