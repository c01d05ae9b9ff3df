internal import Core

extension SourceDocument {
    /// The document in a line of `CorpusFormat.jsonl`. BEIR's corpora call the id `_id`.
    ///
    /// - Throws: `invalidArgument` naming file, line and field.
    init(jsonl line: JSONField) throws(ImpRAGError) {
        let id = try line.required(line.has("_id") && !line.has("id") ? "_id" : "id").identifier()
        let text = try line.required("text").string()
        let title = try line.optional("title")?.string() ?? ""
        let section = try line.optional("section")?.string() ?? ""
        self.init(
            id: id, title: Self.heading(title, section), text: text,
            metadata: try line.optional("metadata").map { field throws(ImpRAGError) in try field.metadata() } ?? [:])
    }
}
