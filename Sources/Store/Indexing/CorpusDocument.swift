public import Core

/// One document of a corpus, cut into passages.
public struct CorpusDocument: Sendable, Equatable {
    public let id: String
    /// At least one. A single one has the document's id; several have `id#0`, `id#1`, …. Each has its section's title
    /// and metadata.
    public let passages: [Passage]
    /// Where it was found, as in `wiki.jsonl:17`.
    public let place: String

    init(_ source: SourceDocument, splitter: PassageSplitter, place: String) {
        id = source.id
        self.place = place
        let pieces = source.sections.flatMap { section in
            splitter.pieces(of: section.text).map { (section: section, text: $0) }
        }
        passages = pieces.enumerated().map { index, piece in
            Passage(
                id: Self.passageID(source.id, index, of: pieces.count), title: piece.section.title, text: piece.text,
                metadata: piece.section.metadata)
        }
    }

    /// The id of passage `index` of the `count` passages of the document `id`.
    public static func passageID(_ id: String, _ index: Int, of count: Int) -> String {
        count == 1 ? id : pieceID(id, index)
    }

    /// The id of piece `index` of a document that was cut.
    public static func pieceID(_ id: String, _ index: Int) -> String { "\(id)#\(index)" }

    /// The document and piece whose `pieceID` is `id`; nil when it does not have that form.
    public static func parsePieceID(_ id: String) -> (document: String, piece: Int)? {
        guard let mark = id.utf8.lastIndex(of: UInt8(ascii: "#")),
            let piece = Int(id[id.utf8.index(after: mark)...]), pieceID(String(id[..<mark]), piece) == id
        else { return nil }
        return (String(id[..<mark]), piece)
    }
}
