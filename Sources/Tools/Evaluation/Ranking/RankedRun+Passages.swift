public import Core
internal import Indexing

extension RankedRun {
    /// The documents of the passages found for a query, each with the best score of its passages.
    ///
    /// - Parameters:
    ///   - passages: best first.
    ///   - judged: documents that the query's judgments name. A piece of a document is called `document#n`, and so may
    ///     a document be: one of these stands for itself.
    public static func documents(
        of passages: [ScoredPassage], judged: (ByteString) -> Bool = { _ in false }
    ) -> [Entry] {
        var seen: Set<ByteString> = []
        return passages.compactMap { found in
            let id = found.passage.id
            let document = ByteString(
                judged(ByteString(id)) ? id : CorpusDocument.parsePieceID(id)?.document ?? id)
            return seen.insert(document).inserted ? Entry(document: document, score: found.score) : nil
        }
    }
}
