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
            metadata: try line.optional("metadata").map { field throws(ImpRAGError) in try Self.metadata(field) } ?? [:]
        )
    }

    /// Strings, numbers and lists of strings; null is none.
    private static func metadata(_ field: JSONField) throws(ImpRAGError) -> [ByteString: MetadataValue] {
        var metadata: [ByteString: MetadataValue] = [:]
        for (name, field) in try field.members() where !field.isNull { metadata[name] = try value(field) }
        let problems = MetadataValue.problems(of: metadata)
        guard problems.isEmpty else { throw field.problem(problems.joined(separator: "; ")) }
        return metadata
    }

    private static func value(_ field: JSONField) throws(ImpRAGError) -> MetadataValue {
        func wrong() -> ImpRAGError { field.problem("it must be a string, a finite number or a list of strings") }
        switch field.value {
        case .string(let text): return .string(text)
        case .integer, .number, .digits:
            do throws(JSONProblem) {
                return .number(try Number(json: field.value))
            } catch {
                throw field.failure(error.message)
            }
        case .array(let values):
            var texts: [String] = []
            for value in values {
                guard case .string(let text) = value else { throw wrong() }
                texts.append(text)
            }
            return .strings(texts)
        default: throw wrong()
        }
    }
}
