internal import Core
internal import Corpus
internal import PassageStore

/// What an unfinished index is made from, as `job.json` keeps it from the end of the scan to the end of the work.
struct IndexJob: Codable, Equatable {
    static let currentFormat = 1

    var format = currentFormat
    var fingerprint: String
    var dimension: Int
    var shardCount: Int
    var corpus: IndexManifest.Corpus
    /// That the index will have.
    var passages: Int
    /// Why lines were passed over: `BadLines.examples`.
    var badLines: BadLines
}

/// Everything that decides the contents of an index, and is known before the corpus is read as documents.
struct IndexInputs {
    var fingerprint: Fingerprint
    var dimension: Int
    var shardCount: Int
    var files: [IndexManifest.File]
    var formatName: String?
    var wordsPerPassage: Int
    var skipsBadLines: Bool
    var arithmetic: String

    /// What differs from the inputs of an index that is there, a phrase each; empty when the contents would be equal.
    func differences(
        fingerprint other: String, dimension otherDimension: Int, shardCount otherShards: Int,
        corpus: IndexManifest.Corpus
    ) -> [String] {
        var found: [String] = []
        if fingerprint.description != other { found.append("the model is \(other), now \(fingerprint)") }
        if dimension != otherDimension { found.append("the dimension is \(otherDimension), now \(dimension)") }
        if shardCount != otherShards { found.append("the number of shards is \(otherShards), now \(shardCount)") }
        if corpus.wordsPerPassage != wordsPerPassage {
            found.append("the words per passage are \(corpus.wordsPerPassage), now \(wordsPerPassage)")
        }
        if corpus.skipsBadLines != skipsBadLines {
            found.append("bad lines \(corpus.skipsBadLines ? "were" : "were not") passed over, now the opposite")
        }
        if corpus.formatName != formatName {
            found.append(
                "the format is \(corpus.formatName ?? "told by content"), now \(formatName ?? "told by content")")
        }
        if corpus.arithmetic != arithmetic {
            found.append("the arithmetic is \(corpus.arithmetic), now \(arithmetic)")
        }
        if corpus.batchRows != IndexOptions.batchRows {
            found.append("batches have \(corpus.batchRows) rows, now \(IndexOptions.batchRows)")
        }
        if corpus.files.count != files.count {
            found.append("the corpus has \(corpus.files.count) files, now \(files.count)")
        } else {
            for (old, new) in zip(corpus.files, files) where (old.bytes, old.sha256) != (new.bytes, new.sha256) {
                found.append("\(new.path) is not the file that was read then as \(old.path)")
            }
        }
        return found
    }
}
