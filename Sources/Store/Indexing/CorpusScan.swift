internal import Core
internal import Storage

/// Finds which documents of a corpus count: of several with one id, the last.
struct CorpusScan {
    private let catalog: IDCatalog
    private static let batchCount = 4096

    /// What one pass over the corpus found.
    struct Outcome {
        var documents = 0
        var distinct = 0
        /// Passages of surviving documents, by partition.
        var passagesPerPartition: [Int]
        var badLines = BadLines()
    }

    /// Opens or creates the scratch database at `path`.
    init(path: String) throws(ImpRAGError) {
        catalog = try IDCatalog(path: path)
    }

    /// Reads the whole corpus once.
    ///
    /// - Parameters:
    ///   - partitionCount: the index's.
    ///   - reopen: makes another reader of the same corpus, to locate documents that clash.
    ///   - tick: called every few thousand documents with the bytes read; throws to stop.
    /// - Throws: what `reader` throws, and `invalidArgument` when a passage of a cut document would have the id of
    ///   another document.
    func run(
        _ reader: inout CorpusReader, partitionCount: Int, reopen: () throws(ImpRAGError) -> CorpusReader,
        tick: (_ consumedBytes: Int) throws(ImpRAGError) -> Void
    ) throws(ImpRAGError) -> Outcome {
        var outcome = Outcome(passagesPerPartition: [Int](repeating: 0, count: partitionCount))
        var hasPieceLikeID = false
        var isDone = false
        while !isDone {
            var batch: [(String, IDCatalog.Entry)] = []
            for _ in 0..<Self.batchCount {
                guard let document = try reader.next() else {
                    isDone = true
                    break
                }
                batch.append(
                    (document.id, IDCatalog.Entry(number: outcome.documents, passages: document.passages.count)))
                outcome.documents += 1
                if document.passages.count == 1, CorpusDocument.parsePieceID(document.id) != nil {
                    hasPieceLikeID = true
                }
            }
            try catalog.put(batch)
            try tick(reader.consumedBytes)
        }
        try catalog.flush()
        outcome.badLines = reader.badLines
        try catalog.forEach { id, entry throws(ImpRAGError) in
            outcome.distinct += 1
            for piece in 0..<entry.passages {
                let passage = CorpusDocument.passageID(id, piece, of: entry.passages)
                outcome.passagesPerPartition[PartitionRouting.partition(of: passage, partitionCount: partitionCount)] +=
                    1
            }
            if hasPieceLikeID { try checkClash(id, entry, reopen) }
        }
        return outcome
    }

    /// Whether document `number` is the last one with the id `id`; nil when the scan did not see the id.
    func isLast(_ number: Int, id: String) throws(ImpRAGError) -> Bool? {
        try catalog.entry(of: id).map { $0.number == number }
    }

    /// Refuses a document `x#1` beside a document `x` that is cut into `x#0`, `x#1`, ….
    private func checkClash(
        _ id: String, _ entry: IDCatalog.Entry, _ reopen: () throws(ImpRAGError) -> CorpusReader
    ) throws(ImpRAGError) {
        guard entry.passages == 1, let (document, piece) = CorpusDocument.parsePieceID(id),
            let other = try catalog.entry(of: document), other.passages > 1, piece < other.passages
        else { return }
        // The corpus is read again to locate them: the catalog of millions of ids does not keep places.
        var reader = try reopen()
        var check = PieceCheck()
        var number = 0
        while let next = try reader.next() {
            if [entry.number, other.number].contains(number) { try check.add(next) }
            number += 1
        }
        throw ImpRAGError(
            .failedPrecondition, "the corpus files changed while they were read; run the command again")
    }
}
