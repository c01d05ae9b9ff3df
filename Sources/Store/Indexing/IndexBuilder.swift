public import Core
internal import Foundation
internal import Platform
internal import Storage
internal import Words

/// Indexes a corpus: reads, splits, embeds, routes and writes.
///
/// The corpus is read twice. A scan finds bad lines, duplicates and totals before any time goes into the model; then
/// every surviving passage is routed to the partition of its id. Each partition collects passages in reading order; a
/// full batch is embedded, on a separate thread, and written in one atomic, synced write. So the disk always holds
/// whole batches, an interrupted run resumes at each partition's next batch with exactly the passages that it would
/// have had, and the result does not depend on interruptions. The manifest is written last, atomically. Passage states,
/// which are optional, come from the same pass through the model (`PassageReader`); those still missing are stored
/// after the manifest (`StateFiller`).
///
/// A part (`IndexOptions.part`) is made in the same way from some of the batches; `IndexMerger` merges parts into the
/// index.
///
/// Blocking and CPU-bound: run it on a dedicated thread.
public struct IndexBuilder {
    private let options: IndexOptions
    private let embedder: any PassageEmbedder
    private let monitor: RunMonitor

    public init(options: IndexOptions, embedder: any PassageEmbedder, monitor: RunMonitor = RunMonitor()) {
        (self.options, self.embedder, self.monitor) = (options, embedder, monitor)
    }

    /// Makes the index, resumes an interrupted run, or finds the index complete.
    ///
    /// - Throws: `invalidArgument` for options and bad lines; `failedPrecondition` when the directory holds another
    ///   index, or one that has taken updates is to be replaced, or another process is working in it; `cancelled`;
    ///   `resourceExhausted` when the disk is full; `dataLoss` for damaged files. After any of them, the same command
    ///   resumes.
    public func run() throws(ImpRAGError) -> IndexReport {
        try options.validate()
        // Check the files before anything is created.
        let corpus = try CorpusFiles(options.corpus, format: options.format)
        let whole = IndexWorkspace(path: options.directory)
        try whole.create()
        let directory = options.part.map { IndexWorkspace(path: whole.partPath($0)) } ?? whole
        if options.part != nil { try directory.create() }
        let lock = try directory.lock()
        defer { lock.release() }

        if options.replacesExisting { try directory.removeIndex(discardsUpdates: options.discardsUpdates) }
        let inputs = try examineInputs(corpus)
        var report: IndexReport
        var statesStored = 0
        if let complete = try completeReport(whole, directory, inputs) {
            report = complete
        } else {
            try directory.requireSpace(partitionCount: options.partitionCount)
            OpenFileLimit.raise()  // A partition has about ten files open.
            var (job, scan) = try prepare(directory, inputs)
            let reader = try makeReader(directory, &job)
            let filler = try fill(directory, job, inputs, scan, reader)
            try reader.flush()
            statesStored = filler.statesStored
            report = try finish(directory, job, filler)
        }
        report.otherFiles = corpus.otherFiles
        // A part may have been removed after merging.
        let isThere = options.part == nil ? true : try directory.finishedPart() != nil
        if isThere, let states = stateFiller(directory) {
            report.states = try states.run()
            report.states?.add(computed: statesStored, seconds: report.embeddingSeconds)
        }
        return report
    }

    // MARK: Before embedding

    /// Computes the checksum of every corpus file. A text that cannot be read has none; the reader decides whether that
    /// is an error.
    private func examineInputs(_ corpus: CorpusFiles) throws(ImpRAGError) -> IndexInputs {
        var files: [IndexManifest.File] = []
        let total = corpus.totalBytes
        var done = 0
        let phaseStart = ContinuousClock.now
        for file in corpus.files {
            try monitor.checkCancelled("checking the corpus")
            var checked = IndexManifest.File(path: file.path, bytes: 0, sha256: "", name: file.name)
            if file.problem == nil {
                do throws(ImpRAGError) {
                    (checked.bytes, checked.sha256) = try digest(of: file.path) { count throws(ImpRAGError) in
                        done += count
                        try monitor.checkCancelled("checking the corpus")
                        if done % (64 << 20) < count { monitor.tell(.checking, done, total, since: phaseStart) }
                    }
                } catch  where file.name != nil && error.code != .cancelled {
                    (checked.bytes, checked.sha256) = (0, "")
                }
            }
            files.append(checked)
        }
        return IndexInputs(
            fingerprint: embedder.fingerprint, dimension: embedder.dimension, partitionCount: options.partitionCount,
            files: files,
            formatName: options.format?.rawValue, wordsPerPassage: options.wordsPerPassage,
            skipsBadLines: options.skipsBadLines, lexical: options.lexical?.rawValue, arithmetic: embedder.arithmetic,
            part: options.part)
    }

    /// Size and SHA-256 of a file as stored.
    ///
    /// - Parameter step: called with the bytes of each piece read.
    private func digest(
        of path: String, _ step: (Int) throws(ImpRAGError) -> Void
    ) throws(ImpRAGError) -> (bytes: Int, sha256: String) {
        var hasher = SHA256()
        let reader = try FileByteReader(path: path, decompressing: false)
        var piece: [UInt8] = []
        var bytes = 0
        while true {
            piece.removeAll(keepingCapacity: true)
            let count = try reader.read(into: &piece)
            if count == 0 { break }
            hasher.update(piece)
            bytes += count
            try step(count)
        }
        return (bytes, Fingerprint(bytes: hasher.finish())?.description ?? "")
    }

    /// The report on an index or part that an earlier run completed; nil when there is something to do.
    private func completeReport(
        _ whole: IndexWorkspace, _ directory: IndexWorkspace, _ inputs: IndexInputs
    ) throws(ImpRAGError) -> IndexReport? {
        let job: IndexJob
        if let part = try directory.finishedPart() {
            try require(inputs.differences(from: part.job), "\(directory.path) holds a finished part of something else")
            job = part.job
            // The last run may have been stopped after the manifest, before it cleaned up.
            try directory.removeScratch()
        } else if options.part == nil || !options.replacesExisting, let manifest = try whole.finishedManifest() {
            // Also when a part is requested: its index may be merged already, and the part removed.
            job = IndexJob(manifest)
            try require(
                inputs.differences(from: job, ignoringPart: true) + options.vectorIndex.differences(from: manifest),
                "\(whole.path) holds a finished index of something else")
            if options.part == nil { try whole.removeScratch() }
        } else {
            return nil
        }
        try (directory.finishedPart() == nil ? whole : directory).requirePartitions()
        return IndexReport(job, embedded: 0, seconds: monitor.seconds, embeddingSeconds: 0, wasComplete: true)
    }

    private func require(_ differences: [String], _ refusal: String) throws(ImpRAGError) {
        guard differences.isEmpty else {
            throw ImpRAGError(
                .failedPrecondition,
                "\(refusal): \(differences.joined(separator: "; ")). Name another directory, or replace it with --force"
            )
        }
    }

    /// The job: the interrupted run's, checked, or a new one from a scan. The scan is nil when the corpus has no
    /// duplicates, because then it is not needed.
    private func prepare(
        _ directory: IndexWorkspace, _ inputs: IndexInputs
    ) throws(ImpRAGError) -> (IndexJob, CorpusScan?) {
        if let job = try directory.unfinishedJob() {
            let differences = inputs.differences(from: job)
            guard differences.isEmpty else {
                throw ImpRAGError(
                    .failedPrecondition,
                    "\(directory.path) holds an unfinished index of something else: "
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
            fingerprint: inputs.fingerprint.description, dimension: inputs.dimension,
            partitionCount: inputs.partitionCount,
            corpus: IndexManifest.Corpus(
                files: inputs.files, formatName: inputs.formatName, wordsPerPassage: inputs.wordsPerPassage,
                skipsBadLines: inputs.skipsBadLines, lexical: inputs.lexical,
                arithmetic: inputs.arithmetic, batchRows: IndexOptions.batchRows,
                documents: outcome.documents,
                duplicates: outcome.documents - outcome.distinct, badLines: outcome.badLines.count),
            passagesPerPartition: outcome.passagesPerPartition, part: inputs.part, badLines: outcome.badLines)
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
        let outcome = try scan.run(&reader, partitionCount: options.partitionCount, reopen: makeReader) {
            consumed throws(ImpRAGError) in
            monitor.tell(.scanning, consumed, total, since: phaseStart)
            try directory.requireSpace(partitionCount: options.partitionCount)
            try monitor.checkCancelled("reading the corpus")
        }
        guard outcome.distinct > 0 else {
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

    /// The passage reader. If states are wanted, they are recorded in the job.
    private func makeReader(
        _ directory: IndexWorkspace, _ job: inout IndexJob
    ) throws(ImpRAGError) -> PassageReader {
        guard let filler = stateFiller(directory) else { return PassageReader(embedder) }
        let documents = job.corpus.documents
        let encoder = try filler.prepare(
            recorded: job.states, sample: { () throws(ImpRAGError) in try sampleCorpus(documents) },
            record: { form throws(ImpRAGError) in
                job.states = form
                try directory.write(job)
            })
        return PassageReader(embedder, states: PassageReader.States(encoder: encoder, stores: try filler.stores()))
    }

    private func stateFiller(_ directory: IndexWorkspace) -> StateFiller? {
        options.states.map {
            StateFiller(
                directory: directory, fingerprint: embedder.fingerprint, partitionCount: options.partitionCount,
                part: options.part, options: $0, monitor: monitor)
        }
    }

    /// Passages spread evenly over the corpus, so that all parts learn the same codebooks.
    private func sampleCorpus(_ documents: Int) throws(ImpRAGError) -> [Passage] {
        let count = min(StateFiller.samplePassages, documents)
        var passages: [Passage] = []
        var reader = try makeReader()
        var number = 0
        while passages.count < count, let document = try reader.next() {
            defer { number += 1 }
            if number % 4096 == 0 { try monitor.checkCancelled("codebooks for the passages' states are not learnt") }
            guard (number + 1) * count / documents > number * count / documents else { continue }
            passages.append(document.passages[number % document.passages.count])
        }
        return passages
    }

    private func fill(
        _ directory: IndexWorkspace, _ job: IndexJob, _ inputs: IndexInputs, _ scan: CorpusScan?,
        _ reader: PassageReader
    ) throws(ImpRAGError) -> PartitionFiller {
        // A part needs no words: the merger has the passages.
        let words = options.part == nil ? options.lexical : nil
        var filler = try PartitionFiller(directory: directory, inputs: inputs, words: words, reader: reader)
        do throws(ImpRAGError) {
            try fill(&filler, directory, job, scan)
        } catch {
            filler.stop()
            throw error
        }
        filler.stop()
        guard filler.passagesPerPartition == job.passagesPerPartition, filler.written == job.passages else {
            throw corpusChanged
        }
        return filler
    }

    private func fill(
        _ filler: inout PartitionFiller, _ directory: IndexWorkspace, _ job: IndexJob, _ scan: CorpusScan?
    ) throws(ImpRAGError) {
        let (total, doneBefore) = (job.passages, filler.written)
        let phaseStart = ContinuousClock.now
        func told(_ written: Int) throws(ImpRAGError) {
            monitor.tell(.embedding, written, total, doneBefore: doneBefore, since: phaseStart)
            try directory.requireSpace(partitionCount: options.partitionCount)
            try monitor.checkCancelled("\(written) of \(total) passages are indexed")
        }
        try told(filler.written)
        var reader = try makeReader()
        var number = 0
        while let document = try reader.next() {
            defer { number += 1 }
            if let scan {
                guard let isLast = try scan.isLast(number, id: document.id) else { throw corpusChanged }
                if !isLast { continue }
            }
            for passage in document.passages {
                if try filler.add(passage) { try told(filler.written) }
            }
            if number % 4096 == 0 {
                try monitor.checkCancelled("\(filler.written) of \(total) passages are indexed")
            }
        }
        while try filler.flushOne() { try told(filler.written) }
    }

    private var corpusChanged: ImpRAGError {
        ImpRAGError(
            .failedPrecondition, "the corpus files changed while they were indexed; run the command again with --force")
    }

    // MARK: The end

    private func finish(
        _ directory: IndexWorkspace, _ job: IndexJob, _ filler: PartitionFiller
    ) throws(ImpRAGError) -> IndexReport {
        let finisher = IndexFinisher(
            directory: directory, embedder: embedder, options: options.vectorIndex, monitor: monitor)
        var report = IndexReport(
            job, embedded: filler.embedded, seconds: 0, embeddingSeconds: filler.embeddingSeconds, wasComplete: false)
        report.cut = filler.cut
        if job.part == nil {
            let outcome = try finisher.finish(job, filler.writers, modelName: options.modelName)
            (report.calibrated, report.words) = (outcome.calibrated, outcome.words)
        } else {
            try directory.finish(PartManifest(job: job, partitions: try finisher.verify(filler.writers)))
        }
        report.seconds = monitor.seconds
        return report
    }

    // MARK: Small things

    private func makeReader() throws(ImpRAGError) -> CorpusReader {
        try CorpusReader(
            files: options.corpus, format: options.format,
            splitter: PassageSplitter(wordsPerPassage: options.wordsPerPassage), skipsBadLines: options.skipsBadLines)
    }
}
