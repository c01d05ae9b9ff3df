public import Core
internal import Foundation
internal import Storage
public import VectorIndex

/// Builds the partitions that a benchmark searches, as `imprag index` would: vectors into RocksDB, then the vector
/// index.
public struct BenchmarkBuild: Sendable {
    /// What the build took, kept in `build.json` for the process that measures.
    public struct Report: Sendable, Codable {
        public var writeSeconds = 0.0
        public var trainSeconds = 0.0
        public var codeSeconds = 0.0
        public var calibrateSeconds = 0.0
        /// First row of each partition.
        public var firstRows: [Int] = []

        /// The whole build.
        public var seconds: Double { writeSeconds + trainSeconds + codeSeconds + calibrateSeconds }
    }

    private let base: VectorFile
    private let directory: String
    private let partitions: Int
    private let threads: Int
    private let target: Double
    private let sample: VectorFile?
    private let codeSize: CodeSize?

    private static let batchRows = 2048
    /// No model's: benchmarks never leave this machine.
    static let fingerprint = Fingerprint(bytes: [UInt8](repeating: 0xBE, count: 32))

    /// - Parameters:
    ///   - directory: an empty or new one.
    ///   - partitions: the rows are divided among them in order.
    ///   - sample: queries to calibrate with, not those that are measured; nil takes base vectors.
    ///   - codeSize: nil for the usual one.
    public init(
        base: VectorFile, directory: String, partitions: Int, threads: Int, target: Double,
        sample: VectorFile? = nil, codeSize: CodeSize? = nil
    ) {
        self.base = base
        self.directory = directory
        self.partitions = partitions
        self.threads = threads
        self.target = target
        self.sample = sample
        self.codeSize = codeSize
    }

    static func path(_ directory: String, _ partition: Int) -> String { "\(directory)/part-\(partition)" }
    static func reportPath(_ directory: String) -> String { directory + "/build.json" }

    /// - Parameter progress: called with a description of each step.
    public func run(
        progress: (_ text: String, _ done: Int, _ total: Int) -> Void
    ) throws(ImpRAGError) -> Report {
        var report = Report()
        for partition in 0..<partitions {
            let first = base.rows * partition / partitions
            let end = base.rows * (partition + 1) / partitions
            report.firstRows.append(first)
            let start = ContinuousClock.now
            try write(first..<end, to: partition) { done in
                progress("writing partition \(partition)", done, end - first)
            }
            report.writeSeconds += seconds(since: start)
            try index(partition, &report, progress)
        }
        do {
            try JSONEncoder().encode(report).write(to: URL(filePath: Self.reportPath(directory)))
        } catch {
            throw ImpRAGError(.unavailable, "\(Self.reportPath(directory)) cannot be written", cause: error)
        }
        return report
    }

    private func write(_ rows: Range<Int>, to partition: Int, tick: (Int) -> Void) throws(ImpRAGError) {
        guard let fingerprint = Self.fingerprint else { throw ImpRAGError(.internal, "no fingerprint of 32 bytes") }
        let writer = try PartitionWriter(
            path: Self.path(directory, partition), fingerprint: fingerprint, dimension: base.columns,
            number: partition, partitionCount: partitions, words: nil)
        for first in stride(from: rows.lowerBound, to: rows.upperBound, by: Self.batchRows) {
            let batch = first..<min(first + Self.batchRows, rows.upperBound)
            try writer.append(
                batch.map { Passage(id: String($0), title: "", text: "") },
                vectors: try base.floats(batch).map { BFloat16($0) })
            tick(batch.upperBound - rows.lowerBound)
        }
        _ = try writer.finish()
    }

    private func index(
        _ partition: Int, _ report: inout Report, _ progress: (String, Int, Int) -> Void
    ) throws(ImpRAGError) {
        let opened = try Partition(path: Self.path(directory, partition), access: .readWrite)
        if let codeSize { try opened.setCodeSize(codeSize) }
        guard try IndexConstruction.isNeeded(for: opened) else { return }
        var times = StepTimes()
        let queries = try sample.map { file throws(ImpRAGError) in
            SampleQueries(vectors: try file.floats(0..<min(file.rows, SampleQueries.limit)), source: .questions)
        }
        _ = try IndexConstruction(opened, target: target, threads: threads).run(generation: 1, sample: queries) {
            next, done, total throws(ImpRAGError) in
            times.enter(next)
            progress("\(next.rawValue) partition \(partition)", done, total)
        }
        times.close()
        report.trainSeconds += times[.training]
        report.codeSeconds += times[.coding]
        report.calibrateSeconds += times[.calibrating]
    }

    /// What the steps of an index's construction took, one after the other.
    struct StepTimes {
        private var step = IndexConstruction.Step.training
        private var start = ContinuousClock.now
        private var spent: [IndexConstruction.Step: Double] = [:]

        subscript(_ step: IndexConstruction.Step) -> Double { spent[step] ?? 0 }

        mutating func enter(_ next: IndexConstruction.Step) {
            guard next != step else { return }
            close()
            step = next
        }

        mutating func close() {
            spent[step, default: 0] += seconds(since: start)
            start = .now
        }
    }
}

func seconds(since start: ContinuousClock.Instant) -> Double { (ContinuousClock.now - start) / .seconds(1) }
