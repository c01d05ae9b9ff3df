internal import Core

extension SourceDocument {
    /// The document in a line of `CorpusFormat.jsonl`. BEIR's corpora call the id `_id`, MS MARCO's
    /// (V2.1, the corpus of TREC's RAG track) `docid`, and the text `segment` or `body`.
    ///
    /// - Throws: `invalidArgument` naming file, line and field.
    init(jsonl line: JSONField) throws(ImpRAGError) {
        func first(_ names: String...) throws(ImpRAGError) -> JSONField {
            try line.required(names.first { line.has($0) } ?? names[0])
        }
        let id = try first("id", "_id", "docid").identifier()
        let text = try first("text", "segment", "body").string()
        let title = try line.optional("title")?.string() ?? ""
        let section = try line.optional("section")?.string() ?? ""
        self.init(
            id: id, title: Self.heading(title, section), text: text,
            metadata: try line.optional("metadata").map { field throws(ImpRAGError) in try field.metadata() } ?? [:])
    }
}
