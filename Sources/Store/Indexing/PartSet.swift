internal import Core
internal import Foundation
internal import Storage

/// All parts of one index, checked: finished, of the same inputs, each exactly once.
struct PartSet {
    /// Of the whole index.
    let job: IndexJob
    /// In order of their numbers.
    private let parts: [Part]

    private struct Part {
        let path: String
        let manifest: PartManifest
        let part: IndexPart
    }

    /// Rows of one part that are consecutive in the whole partition.
    struct Piece {
        /// Index of the part.
        let part: Int
        /// The rows in the whole partition, and in the part.
        let rows: Range<Int>
        let partRows: Range<Int>
    }

    /// Finds the parts at `paths`: directories that are parts, or hold parts.
    ///
    /// - Throws: `failedPrecondition` with everything that is wrong.
    init(at paths: [String], for embedder: any PassageEmbedder) throws(ImpRAGError) {
        var problems: [String] = []
        var found: [Part] = []
        for path in paths {
            let directories = Self.partDirectories(at: path)
            if directories.isEmpty { problems.append("\(path) neither is nor holds a part of an index") }
            for directory in directories {
                do throws(ImpRAGError) {
                    found.append(try Self.part(at: directory))
                } catch {
                    problems.append(error.message)
                }
            }
        }
        if let first = found.first {
            problems += Self.differences(found, from: first, embedder)
            problems += Self.gaps(found, count: first.part.count, hasUnreadable: !problems.isEmpty)
        }
        guard problems.isEmpty, var job = found.first?.manifest.job else {
            throw ImpRAGError(
                .failedPrecondition, "the parts cannot be merged: \(problems.joined(separator: "; "))")
        }
        job.part = nil
        job.states = nil
        self.job = job
        parts = found.sorted { $0.part.number < $1.part.number }
    }

    /// The parts with stored passage states, in order, and how they are stored.
    var withStates: [(directory: IndexWorkspace, form: IndexManifest.States)] {
        parts.compactMap { part in
            part.manifest.job.states.map { (IndexWorkspace(path: part.path), $0) }
        }
    }

    /// The pieces of partition `number` from row `first` on, in order; `first` begins a batch, or is the end.
    func pieces(of number: Int, from first: Int) -> [Piece] {
        let total = job.passagesPerPartition[number]
        return stride(from: first, to: total, by: IndexOptions.batchRows).map { row in
            let batch = row / IndexOptions.batchRows
            let rows = row..<min(row + IndexOptions.batchRows, total)
            // One in `parts.count` batches is the part's.
            let partRow = batch / parts.count * IndexOptions.batchRows
            return Piece(
                part: (number + batch) % parts.count, rows: rows, partRows: partRow..<(partRow + rows.count))
        }
    }

    /// Opens each part's share of partition `number`.
    ///
    /// - Throws: `dataLoss` when one is not what its part's manifest says.
    func partitions(_ number: Int) throws(ImpRAGError) -> [Partition] {
        var partitions: [Partition] = []
        for part in parts {
            let path = IndexWorkspace(path: part.path).partitionPath(number)
            let partition = try Partition(path: path, cacheBytes: Self.cacheBytes)
            let passages = part.manifest.partitions[number].passages
            guard partition.fingerprint.description == job.fingerprint, partition.dimension == job.dimension,
                partition.number == number, partition.partitionCount == job.partitionCount,
                partition.bulkCount == passages,
                !partition.wasChanged
            else {
                throw ImpRAGError(
                    .dataLoss,
                    "\(path) is not the partition of \(passages) passages that \(part.path) was finished with; make the part "
                        + "again with --force")
            }
            partitions.append(partition)
        }
        return partitions
    }

    /// Passages are read in order, so the cache only needs to hold the current block.
    private static let cacheBytes = 1 << 20

    // MARK: Finding and checking

    /// `path` itself when it is a part, finished or not, else the parts in it.
    private static func partDirectories(at path: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        let parts = names.filter(IndexDirectory.isPartName)
        if !parts.isEmpty { return parts.sorted().map { path + "/" + $0 } }
        return names.contains("part.json") || IndexDirectory.isPartName(URL(filePath: path).lastPathComponent)
            ? [path] : []
    }

    private static func part(at path: String) throws(ImpRAGError) -> Part {
        guard let manifest = try IndexWorkspace(path: path).finishedPart() else {
            throw ImpRAGError(
                .failedPrecondition,
                "\(path) is not finished: run its own `imprag index` command again, it goes on where it stopped")
        }
        guard manifest.job.isSound, let part = manifest.job.part,
            manifest.partitions.map(\.passages) == manifest.job.ownPassagesPerPartition
        else {
            throw ImpRAGError(
                .dataLoss, "\(path)/part.json is damaged: its numbers of passages make no sense; make the part again")
        }
        return Part(path: path, manifest: manifest, part: part)
    }

    /// The differences from the first part, whose model must be `embedder`'s.
    private static func differences(
        _ found: [Part], from first: Part, _ embedder: any PassageEmbedder
    ) -> [String] {
        let (job, corpus) = (first.manifest.job, first.manifest.job.corpus)
        func inputs(_ fingerprint: Fingerprint, _ dimension: Int, _ arithmetic: String) -> IndexInputs {
            IndexInputs(
                fingerprint: fingerprint, dimension: dimension, partitionCount: job.partitionCount, files: corpus.files,
                formatName: corpus.formatName, wordsPerPassage: corpus.wordsPerPassage,
                skipsBadLines: corpus.skipsBadLines, lexical: corpus.lexical, arithmetic: arithmetic)
        }
        let ofModel = inputs(embedder.fingerprint, embedder.dimension, embedder.arithmetic)
        var problems = ofModel.differences(from: job, ignoringPart: true).map { "\(first.path): \($0)" }
        let ofFirst = inputs(
            Fingerprint(hex: job.fingerprint) ?? embedder.fingerprint, job.dimension, corpus.arithmetic)
        for part in found.dropFirst() {
            problems += ofFirst.differences(from: part.manifest.job, here: "in \(first.path)", ignoringPart: true)
                .map { "\(part.path): \($0)" }
            if part.part.count != first.part.count {
                problems.append("\(part.path) is part \(part.part), \(first.path) is \(first.part)")
            } else if part.manifest.job.passagesPerPartition != job.passagesPerPartition {
                problems.append("\(part.path) counted other passages in the corpus than \(first.path)")
            }
        }
        return problems
    }

    /// Which of `count` parts are missing or duplicated.
    private static func gaps(_ found: [Part], count: Int, hasUnreadable: Bool) -> [String] {
        let byNumber = Dictionary(grouping: found.filter { $0.part.count == count }, by: \.part.number)
        var problems: [String] = []
        for (number, parts) in byNumber.sorted(by: { $0.key < $1.key }) where parts.count > 1 {
            problems.append(
                "part \(number)/\(count) is there \(parts.count) times: \(parts.map(\.path).joined(separator: ", "))")
        }
        let missing = (1...count).filter { byNumber[$0] == nil }
        if !missing.isEmpty {
            let names = missing.prefix(20).map { "\($0)/\(count)" }.joined(separator: ", ")
            problems.append(
                (hasUnreadable ? "not among the finished ones: " : "missing: ")
                    + "\(missing.count == 1 ? "part" : "parts") "
                    + names + (missing.count > 20 ? " and \(missing.count - 20) more" : ""))
        }
        return problems
    }
}
