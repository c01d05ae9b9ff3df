internal import Core
internal import Platform

/// A line of `CorpusFormat.jsonl`.
struct JSONLDocument: Decodable {
    let document: SourceDocument

    private enum Key: String, CodingKey {
        case id, title, section, text, metadata
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Key.self)
        let id = try fields.decode(JSONIdentifier.self, forKey: .id).text
        let text = try fields.decode(String.self, forKey: .text)
        let title = try fields.decodeIfPresent(String.self, forKey: .title) ?? ""
        let section = try fields.decodeIfPresent(String.self, forKey: .section) ?? ""
        let metadata = try fields.decodeIfPresent([String: JSONLField].self, forKey: .metadata) ?? [:]
        let values = metadata.compactMapValues(\.value)
        let problems = MetadataValue.problems(of: values)
        guard problems.isEmpty else {
            throw DecodingError.dataCorruptedError(
                forKey: .metadata, in: fields, debugDescription: problems.joined(separator: "; "))
        }
        document = SourceDocument(
            id: id, title: SourceDocument.heading(title, section), text: text, metadata: values)
    }
}
