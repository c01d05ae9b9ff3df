public import Core
internal import Foundation
public import ObjectStore
internal import Storage
public import VectorIndex

/// Makes a collection in a store from vectors alone, one partition at a time, as `imprag index` makes one from a
/// corpus: for measuring sizes that nobody wants to embed. Passages have ids and no texts.
public struct CollectionBuild {
    /// What one partition took.
    public struct Report: Sendable, Codable {
        public var partition: Int
        public var rows: Int
        public var checksum = ""
        public var calibration: [Calibration.Entry]?
        public var writeSeconds = 0.0
        public var trainSeconds = 0.0
        public var codeSeconds = 0.0
        public var calibrateSeconds = 0.0
        public var checkpointSeconds = 0.0
        public var checkpointBytes = 0

        public var seconds: Double {
            writeSeconds + trainSeconds + codeSeconds + calibrateSeconds + checkpointSeconds
        }
    }

    /// What all partitions of the collection have in common, kept in `collection.json` from the first of them on.
    private struct Job: Equatable, Codable {
        var collection: String
        var fingerprint: String
        var dimension: Int
        var partitions: Int
        /// Of a vector's code; nil for the usual number.
        var codeBytes: Int?
    }

    private let store: any ObjectStore
    private let work: String
    private let partitions: Int
    private let fingerprint: Fingerprint
    private let target: Double
    private let threads: Int
    private let codeSize: CodeSize?

    private static let batchRows = 2048

    /// - Parameters:
    ///   - store: where the collection gets its manifest once all partitions are there.
    ///   - work: a directory for reports, and for a partition while it is made.
    ///   - target: the recall that the indexes aim at.
    ///   - codeSize: nil for the usual one.
    public init(
        _ store: any ObjectStore, work: String, partitions: Int, fingerprint: Fingerprint, target: Double,
        threads: Int, codeSize: CodeSize? = nil
    ) {
        self.store = store
        self.work = work
        self.partitions = partitions
        self.fingerprint = fingerprint
        self.target = target
        self.threads = threads
        self.codeSize = codeSize
    }

    /// The id of row `row` in `partition`: the row, and the first number that makes its hash one of the partition's.
    public static func id(row: Int, partition: Int, of partitions: Int) -> String {
        var (trial, id) = (0, "\(row)-0")
        while PartitionRouting.partition(of: id, partitionCount: partitions) != partition {
            trial += 1
            id = "\(row)-\(trial)"
        }
        return id
    }

    /// Makes partition `partition` and its checkpoint, unless it is there; with the last one the manifest.
    ///
    /// - Parameters:
    ///   - base: the partition's vectors.
    ///   - firstRow: the number of the first of them in the whole collection.
    ///   - sample: queries to calibrate with; nil takes vectors of the base.
    /// - Throws: `failedPrecondition` when `work` holds another collection; as the store.
    public func run(
        partition: Int, base: VectorFile, firstRow: Int, sample: VectorFile?,
        progress: (_ text: String, _ done: Int, _ total: Int) -> Void
    ) throws(ImpRAGError) -> Report {
        let job = try job(dimension: base.columns)
        guard let id = CollectionID(hex: job.collection) else {
            throw ImpRAGError(.dataLoss, "\(jobPath): \"\(job.collection)\" is no collection's id")
        }
        let collection = StoredCollection(store)
        if let done: Report = try read(reportPath(partition)) {
            try finish(job, collection)
            return done
        }
        var report = Report(partition: partition, rows: base.rows)
        let path = work + "/" + IndexDirectory.partitionName(partition)
        try removeDirectory(path)
        var start = ContinuousClock.now
        report.checksum = try write(base, firstRow: firstRow, partition, to: path, progress)
        report.writeSeconds = seconds(since: start)
        let opened = try Partition(path: path, access: .readWrite)
        if let codeSize { try opened.setCodeSize(codeSize) }
        try index(opened, sample, &report, progress)
        report.calibration = try LivePartition(opened).calibration?.entries
        start = .now
        progress("checkpoint of partition \(partition)", 0, 1)
        try opened.record(LogPosition(collection: id, epoch: 0))
        let written = try collection.writeCheckpoint(
            of: opened, scratch: path + ".scratch", deadline: .never, pause: {})
        report.checkpointBytes = written.byteCount
        report.checkpointSeconds = seconds(since: start)
        try write(report, to: reportPath(partition))
        try removeDirectory(path)
        try finish(job, collection)
        return report
    }

    // MARK: Steps

    private func write(
        _ base: VectorFile, firstRow: Int, _ partition: Int, to path: String, _ progress: (String, Int, Int) -> Void
    ) throws(ImpRAGError) -> String {
        let writer = try PartitionWriter(
            path: path, fingerprint: fingerprint, dimension: base.columns, number: partition,
            partitionCount: partitions, words: nil)
        for first in stride(from: 0, to: base.rows, by: Self.batchRows) {
            let batch = first..<min(first + Self.batchRows, base.rows)
            let passages = batch.map { row in
                Passage(id: Self.id(row: firstRow + row, partition: partition, of: partitions), title: "", text: "")
            }
            try writer.append(passages, vectors: try base.floats(batch).map { BFloat16($0) })
            progress("writing partition \(partition)", batch.upperBound, base.rows)
        }
        return try writer.finish().description
    }

    private func index(
        _ partition: Partition, _ sample: VectorFile?, _ report: inout Report,
        _ progress: (String, Int, Int) -> Void
    ) throws(ImpRAGError) {
        guard try IndexConstruction.isNeeded(for: partition) else { return }
        var times = BenchmarkBuild.StepTimes()
        let queries = try sample.map { file throws(ImpRAGError) in
            SampleQueries(vectors: try file.floats(0..<min(file.rows, SampleQueries.limit)), source: .questions)
        }
        let number = partition.number
        _ = try IndexConstruction(partition, target: target, threads: threads).run(generation: 1, sample: queries) {
            step, done, total throws(ImpRAGError) in
            times.enter(step)
            progress("\(step.rawValue) partition \(number)", done, total)
        }
        times.close()
        (report.trainSeconds, report.codeSeconds, report.calibrateSeconds) = (
            times[.training], times[.coding], times[.calibrating]
        )
    }

    /// Writes the manifest when all partitions are there and it is not.
    private func finish(_ job: Job, _ collection: StoredCollection) throws(ImpRAGError) {
        var reports: [Report] = []
        for partition in 0..<partitions {
            guard let report: Report = try read(reportPath(partition)) else { return }
            reports.append(report)
        }
        do throws(ImpRAGError) {
            _ = try collection.manifest(expecting: fingerprint, deadline: .never)
            return
        } catch {
            guard error.code == .notFound else { throw error }
        }
        var manifest = IndexManifest(
            collection: job.collection, fingerprint: job.fingerprint, model: "none", dimension: job.dimension,
            partitions: reports.map { report in
                IndexManifest.Partition(
                    directory: IndexDirectory.partitionName(report.partition), passages: report.rows,
                    checksum: report.checksum, calibration: report.calibration)
            },
            corpus: IndexManifest.Corpus(
                files: [], formatName: nil, wordsPerPassage: 0, skipsBadLines: false, arithmetic: "none", batchRows: 1,
                documents: reports.reduce(0) { $0 + $1.rows }, duplicates: 0, badLines: 0))
        manifest.codeBytes = job.codeBytes
        try collection.write(manifest, deadline: .never)
    }

    // MARK: What is kept in the working directory

    private var jobPath: String { work + "/collection.json" }

    private func reportPath(_ partition: Int) -> String {
        work + "/" + IndexDirectory.partitionName(partition) + ".json"
    }

    private func job(dimension: Int) throws(ImpRAGError) -> Job {
        var wanted = Job(
            collection: CollectionID.random().description, fingerprint: fingerprint.description, dimension: dimension,
            partitions: partitions, codeBytes: codeSize?.rawValue)
        guard let known: Job = try read(jobPath) else {
            try write(wanted, to: jobPath)
            return wanted
        }
        wanted.collection = known.collection
        guard wanted == known else {
            let codes = known.codeBytes.map { "\($0) bytes" } ?? "the usual size"
            throw ImpRAGError(
                .failedPrecondition,
                "\(jobPath) is of a collection of \(known.partitions) partitions and \(known.dimension) numbers with the "
                    + "fingerprint \(known.fingerprint.prefix(8)) and codes of \(codes); continue that one, or use another directory"
            )
        }
        return known
    }

    private func read<Value: Decodable>(_ path: String) throws(ImpRAGError) -> Value? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        do {
            return try JSONDecoder().decode(Value.self, from: Data(contentsOf: URL(filePath: path)))
        } catch {
            throw ImpRAGError(.dataLoss, "\(path) cannot be read; delete it, and its part is made again", cause: error)
        }
    }

    private func write(_ value: some Encodable, to path: String) throws(ImpRAGError) {
        do {
            try JSONEncoder().encode(value).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw ImpRAGError(.unavailable, "\(path) cannot be written", cause: error)
        }
    }
}
