internal import Core
internal import Foundation
internal import ObjectStore
internal import Platform
internal import Storage
internal import VectorIndex

/// The end of indexing, once all passages are in their partitions: checksums, vector indexes, the weight of words, the
/// partitions' checkpoints, the manifest.
struct IndexFinisher {
    let directory: IndexWorkspace
    let embedder: any PassageEmbedder
    let options: VectorIndexOptions
    let monitor: RunMonitor

    /// Ends the bulk indexing of every partition and reads it back for its checksum.
    func verify(_ writers: [PartitionWriter]) throws(ImpRAGError) -> [IndexManifest.Partition] {
        var partitions: [IndexManifest.Partition] = []
        let phaseStart = ContinuousClock.now
        for first in stride(from: 0, to: writers.count, by: PartitionFiller.openingThreads) {
            monitor.tell(.verifying, first, writers.count, since: phaseStart)
            try monitor.checkCancelled("all passages are embedded")
            let some = Array(writers[first..<min(first + PartitionFiller.openingThreads, writers.count)])
            partitions += try concurrentMap(some.count, threads: some.count) { place throws(ImpRAGError) in
                IndexManifest.Partition(
                    directory: IndexDirectory.partitionName(first + place), passages: some[place].count,
                    checksum: try some[place].finish().description)
            }
        }
        monitor.tell(.verifying, writers.count, writers.count, since: phaseStart)
        return partitions
    }

    /// What was measured.
    struct Outcome {
        /// Nil when no partition needed a vector index.
        var calibrated: IndexReport.Calibrated?
        /// Nil without words, and with too few questions whose right passages are known.
        var words: IndexReport.Words?
    }

    /// Sample questions and their query vectors.
    private struct Sample {
        let questions: [SampleQuestion]
        let queries: SampleQueries
    }

    /// Makes the partitions' vector indexes, and the manifest, which completes the index.
    func finish(
        _ job: IndexJob, _ writers: [PartitionWriter], modelName: String
    ) throws(ImpRAGError) -> Outcome {
        var partitions = try verify(writers)
        var sample: Sample?
        var outcome = Outcome()
        for number in partitions.indices {
            guard let calibration = try makeVectorIndex(number, of: partitions.count, &sample) else { continue }
            partitions[number].calibration = calibration.entries
            guard let recall = calibration.entry(for: options.recall)?.measured else { continue }
            outcome.calibrated = IndexReport.Calibrated(
                recall: min(outcome.calibrated?.recall ?? 1, recall), queries: calibration.queries,
                source: calibration.source)
        }
        outcome.words = try weighWords(partitions.count, &sample)
        let id = try writeCheckpoints(partitions.count)
        var manifest = IndexManifest(
            collection: id.description, fingerprint: job.fingerprint, model: modelName,
            dimension: job.dimension, partitions: partitions,
            corpus: job.corpus, states: job.states,
            words: outcome.words.map {
                IndexManifest.Words(weight: $0.weight, questions: $0.questions, areGiven: $0.areGiven)
            })
        manifest.codeBytes = options.codeSize?.rawValue
        try collection().removeLeftovers(of: manifest, deadline: .never)
        try directory.finish(manifest)
        return outcome
    }

    /// Trains, codes and calibrates one partition's vector index, unless an interrupted run has, with the same options.
    /// Nil for a partition that is too small to need one.
    private func makeVectorIndex(
        _ number: Int, of partitionCount: Int, _ sample: inout Sample?
    ) throws(ImpRAGError) -> Calibration? {
        // Opened for writing only if there is something to write.
        var partition = try open(number)
        var told = (step: IndexConstruction.Step?.none, start: ContinuousClock.now)
        let size = options.codeSize ?? .usual(dimension: partition.dimension)
        let former = try partition.indexHeader()
        let hasOtherSize = try partition.codeSize() != size
        var isStale = false
        if let former {
            if sample == nil { sample = try draw(partitionCount) }
            // A run that was stopped right behind the index has not recorded the size of its codes.
            let (there, queries) = (try partition.indexedCodeSize(), try partition.calibrationQueries())
            isStale = there != size || former.target != options.recall || queries != sample?.queries
        }
        // An interrupted run may have written a checkpoint of what is changed now.
        if isStale || hasOtherSize {
            try collection().removeCheckpoint(partition: number, epoch: 0, deadline: .never)
        }
        let isNeeded = try IndexConstruction.isNeeded(for: partition)
        if isStale || isNeeded {
            partition = try Partition(path: directory.partitionPath(number), access: .readWrite)
            let threads = options.threads ?? ProcessInfo.processInfo.activeProcessorCount
            if sample == nil { sample = try draw(partitionCount) }
            let (isCancelled, state) = (
                monitor.isCancelled, "all passages are indexed; the vector index of partition \(number) is not"
            )
            _ = try IndexConstruction(partition, target: options.recall, threads: threads, codeSize: size).run(
                generation: (former?.generation ?? 0) + 1, sample: sample?.queries,
                pause: { () throws(ImpRAGError) in if isCancelled() { throw RunMonitor.stopped(state) } }
            ) { step, done, total throws(ImpRAGError) in
                if told.step != step { told = (step, .now) }
                monitor.tell(IndexProgress.Phase(step), done, total, since: told.start)
                try directory.requireSpace(partitionCount: partitionCount)
                try monitor.checkCancelled(state)
            }
            try partition.setCodeSize(size)
            try partition.flush()
        } else if hasOtherSize {
            // For the index that the partition gets once it has grown.
            try Partition(path: directory.partitionPath(number), access: .readWrite).setCodeSize(size)
        }
        return try LivePartition(partition).calibration
    }

    /// Calibrates the weight of words; nil without words, and with too few questions.
    private func weighWords(_ partitionCount: Int, _ sample: inout Sample?) throws(ImpRAGError) -> IndexReport.Words? {
        let start = ContinuousClock.now
        var calibrator: WordsCalibrator?
        for number in 0..<partitionCount {
            let partition = try open(number)
            guard partition.words != nil else { return nil }
            let live = try LivePartition(partition)
            monitor.tell(.words, number, partitionCount, since: start)
            if calibrator == nil {
                if sample == nil { sample = try drawForWords(partitionCount) }
                guard let drawn = sample else { return nil }
                calibrator = WordsCalibrator(
                    drawn.questions, vectors: drawn.queries.vectors, areGiven: drawn.queries.source == .questions)
            }
            try calibrator?.ask(live) { () throws(ImpRAGError) in
                try monitor.checkCancelled("all passages are indexed; what words are worth is not measured")
            }
        }
        let words = try calibrator?.result(open)
        monitor.tell(.words, partitionCount, partitionCount, since: start)
        return words
    }

    /// Puts every partition at the start of the collection's log, and a checkpoint of it into the index: there are no
    /// files twice.
    ///
    /// - Returns: the collection, which is the one of an interrupted run that came so far.
    private func writeCheckpoints(_ partitionCount: Int) throws(ImpRAGError) -> CollectionID {
        var known: CollectionID?
        for number in 0..<partitionCount where known == nil { known = try open(number).logPosition?.collection }
        let start = LogPosition(collection: known ?? .random(), epoch: 0)
        let collection = try collection()
        let (directory, isCancelled, phaseStart) = (directory, monitor.isCancelled, ContinuousClock.now)
        for first in stride(from: 0, to: partitionCount, by: PartitionFiller.openingThreads) {
            monitor.tell(.checkpoints, first, partitionCount, since: phaseStart)
            try directory.requireSpace(partitionCount: partitionCount)
            let count = min(PartitionFiller.openingThreads, partitionCount - first)
            _ = try concurrentMap(count, threads: count) { place throws(ImpRAGError) in
                let number = first + place
                let partition = try Partition(path: directory.partitionPath(number), access: .readWrite)
                try partition.record(start)
                return try collection.writeCheckpoint(
                    of: partition, scratch: directory.scratchPath(number), deadline: .never
                ) { () throws(ImpRAGError) in
                    if isCancelled() { throw RunMonitor.stopped("all passages are indexed; their checkpoints are not") }
                }
            }
        }
        monitor.tell(.checkpoints, partitionCount, partitionCount, since: phaseStart)
        return start.collection
    }

    /// The index, which is its own store.
    private func collection() throws(ImpRAGError) -> StoredCollection {
        StoredCollection(try DirectoryStore(path: directory.path))
    }

    private func open(_ number: Int) throws(ImpRAGError) -> Partition {
        try Partition(path: directory.partitionPath(number), access: .readOnly)
    }

    // MARK: Questions

    /// Nil when they are too few to weigh words, so that they need not go through the model.
    private func drawForWords(_ partitionCount: Int) throws(ImpRAGError) -> Sample? {
        let (questions, source) = try questions(partitionCount)
        return questions.count < SampleQueries.least ? nil : try sample(questions, source)
    }

    /// The same for all partitions.
    private func draw(_ partitionCount: Int) throws(ImpRAGError) -> Sample {
        let (questions, source) = try questions(partitionCount)
        return try sample(questions, source)
    }

    private func questions(
        _ partitionCount: Int
    ) throws(ImpRAGError) -> (questions: [SampleQuestion], source: Calibration.Source) {
        if let questions = options.questions { return (Self.spread(questions), .questions) }
        var questions: [SampleQuestion] = []
        let count = (SampleQueries.limit + partitionCount - 1) / partitionCount
        for number in 0..<partitionCount {
            questions += try SamplePrompts.questions(of: try open(number), count: count)
        }
        return (Self.spread(questions), .prompts)
    }

    private func sample(
        _ questions: [SampleQuestion], _ source: Calibration.Source
    ) throws(ImpRAGError) -> Sample {
        var vectors: [Float] = []
        for first in stride(from: 0, to: questions.count, by: 64) {
            try monitor.checkCancelled("all passages are indexed; their vector index is not calibrated")
            let batch = questions[first..<min(first + 64, questions.count)]
            vectors += try embedder.embed(prompts: batch.map(\.prompt))
        }
        return Sample(questions: questions, queries: SampleQueries(vectors: vectors, source: source))
    }

    /// As many as a calibration uses, spread evenly over the list.
    private static func spread(_ questions: [SampleQuestion]) -> [SampleQuestion] {
        let count = min(questions.count, SampleQueries.limit)
        return (0..<count).map { questions[$0 * questions.count / count] }
    }
}
