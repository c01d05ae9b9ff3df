internal import Core

extension SourceDocument {
    /// The document in a line of `CorpusFormat.kilt`.
    ///
    /// The paragraphs are concatenated (KILT ends each with LF; a missing one is added). The first repeats the title,
    /// and is kept: text is never changed.
    ///
    /// - Throws: `invalidArgument` naming file, line and field.
    init(kilt line: JSONField) throws(ImpRAGError) {
        let key = line.has("wikipedia_id") || !line.has("_id") ? "wikipedia_id" : "_id"
        let id = try line.required(key).identifier()
        let title = try line.optional("wikipedia_title")?.string() ?? ""
        var text = ""
        for paragraph in try line.required("text").strings() {
            if !text.isEmpty, text.utf8.last != 0x0A { text += "\n" }
            text += paragraph
        }
        self.init(id: id, title: title, text: text)
    }
}
