internal import Platform

/// A line of `CorpusFormat.kilt`.
///
/// The paragraphs are joined as they stand (KILT ends each with LF; where one does not, an LF is put between). The
/// first one repeats the title, and stays: text is never changed.
struct KILTDocument: Decodable {
    let document: SourceDocument

    private enum Key: String, CodingKey {
        case wikipediaID = "wikipedia_id"
        case plainID = "_id"
        case title = "wikipedia_title"
        case text
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Key.self)
        let key = fields.contains(.wikipediaID) || !fields.contains(.plainID) ? Key.wikipediaID : .plainID
        let id = try fields.decode(JSONIdentifier.self, forKey: key).text
        let title = try fields.decodeIfPresent(String.self, forKey: .title) ?? ""
        var text = ""
        for paragraph in try fields.decode([String].self, forKey: .text) {
            if !text.isEmpty, text.utf8.last != 0x0A { text += "\n" }
            text += paragraph
        }
        document = SourceDocument(id: id, title: title, text: text)
    }
}
