internal import Core
internal import Storage

/// What an unfinished index is made from: `job.json`, from the end of the scan to the end of the work.
struct IndexJob: Codable, Equatable {
    static let currentFormat = 3

    var format = currentFormat
    var fingerprint: String
    var dimension: Int
    var partitionCount: Int
    var corpus: IndexManifest.Corpus
    /// Passages of the whole index, by partition.
    var passagesPerPartition: [Int]
    /// The part that this job makes; nil for the whole index.
    var part: IndexPart?
    /// The lines that were skipped, with the first reasons.
    var badLines: BadLines
    /// How passage states are stored beside the partitions; nil when none are. They do not affect the index.
    var states: IndexManifest.States?

    /// Whether the numbers are plausible; checked for every job read from a file.
    var isSound: Bool {
        (1...IndexOptions.partitionLimit).contains(partitionCount) && passagesPerPartition.count == partitionCount
            && passagesPerPartition.allSatisfy { (0...1 << 32).contains($0) }
    }

    /// Passages that this job makes, by partition.
    var ownPassagesPerPartition: [Int] {
        guard let part else { return passagesPerPartition }
        return passagesPerPartition.enumerated().map { part.passages(among: $1, of: $0) }
    }

    var passages: Int { ownPassagesPerPartition.reduce(0, +) }
}

extension IndexJob {
    /// The job that led to `manifest`, with the number of bad lines but not the reasons.
    init(_ manifest: IndexManifest) {
        self.init(
            fingerprint: manifest.fingerprint, dimension: manifest.dimension, partitionCount: manifest.partitions.count,
            corpus: manifest.corpus, passagesPerPartition: manifest.partitions.map(\.passages),
            badLines: BadLines(count: manifest.corpus.badLines))
    }
}

/// Everything that determines the contents of an index and is known before the scan.
struct IndexInputs {
    var fingerprint: Fingerprint
    var dimension: Int
    var partitionCount: Int
    var files: [IndexManifest.File]
    var formatName: String?
    var wordsPerPassage: Int
    var skipsBadLines: Bool
    /// Nil indexes no words.
    var lexical: String?
    var arithmetic: String
    /// Nil for the whole index.
    var part: IndexPart?

    /// The differences from the inputs of `job`, as below.
    func differences(from job: IndexJob, here: String = "now", ignoringPart: Bool = false) -> [String] {
        var found = differences(
            fingerprint: job.fingerprint, dimension: job.dimension, partitionCount: job.partitionCount,
            corpus: job.corpus,
            here: here)
        func name(_ part: IndexPart?) -> String { part.map { "part \($0)" } ?? "the whole index" }
        if !ignoringPart, job.part != part { found.append("it is \(name(job.part)), \(here) \(name(part))") }
        return found
    }

    /// The differences from the inputs of an existing index, a phrase each; empty when the contents would be equal.
    ///
    /// - Parameter here: what the phrases call these inputs.
    func differences(
        fingerprint other: String, dimension otherDimension: Int, partitionCount otherPartitions: Int,
        corpus: IndexManifest.Corpus, here: String = "now"
    ) -> [String] {
        var found: [String] = []
        if fingerprint.description != other { found.append("the model is \(other), \(here) \(fingerprint)") }
        if dimension != otherDimension { found.append("the dimension is \(otherDimension), \(here) \(dimension)") }
        if partitionCount != otherPartitions {
            found.append("the number of partitions is \(otherPartitions), \(here) \(partitionCount)")
        }
        if corpus.wordsPerPassage != wordsPerPassage {
            found.append("the words per passage are \(corpus.wordsPerPassage), \(here) \(wordsPerPassage)")
        }
        if corpus.skipsBadLines != skipsBadLines {
            found.append("bad lines \(corpus.skipsBadLines ? "were" : "were not") passed over, \(here) the opposite")
        }
        if corpus.lexical != lexical {
            found.append("the lexical index is \(corpus.lexical ?? "off"), \(here) \(lexical ?? "off")")
        }
        if corpus.formatName != formatName {
            found.append(
                "the format is \(corpus.formatName ?? "told by content"), \(here) \(formatName ?? "told by content")")
        }
        if corpus.arithmetic != arithmetic {
            found.append("the arithmetic is \(corpus.arithmetic), \(here) \(arithmetic)")
        }
        if corpus.batchRows != IndexOptions.batchRows {
            found.append("batches have \(corpus.batchRows) rows, \(here) \(IndexOptions.batchRows)")
        }
        if corpus.files.count != files.count {
            found.append("the corpus has \(corpus.files.count) files, \(here) \(files.count)")
        } else {
            let changed = zip(corpus.files, files).filter { old, new in
                (old.bytes, old.sha256, old.name.map(ByteString.init(_:))) != (
                    new.bytes, new.sha256, new.name.map(ByteString.init(_:))
                )
            }
            found += changed.prefix(3).map { "\($1.path) is not the file that was read then as \($0.path)" }
            if changed.count > 3 { found.append("and \(changed.count - 3) more") }
        }
        return found
    }
}
