public import Core

/// Detects a document with the id of another's piece, which it would replace: `x#0` next to an `x` that is cut.
///
/// For single-pass readers. Remembers the ids of documents that are cut or that look like pieces.
public struct PieceCheck {
    private struct Cut {
        let pieces: Int
        let place: String
    }

    /// Places of documents that are not cut and whose ids look like those of pieces.
    private var whole: [ByteString: String] = [:]
    private var cut: [ByteString: Cut] = [:]

    public init() {}

    /// Throws `invalidArgument` naming both documents with their places, when `document` and an earlier one share a
    /// passage id.
    public mutating func add(_ document: CorpusDocument) throws(ImpRAGError) {
        let id = ByteString(document.id)
        guard document.passages.count == 1 else {
            let cut = Cut(pieces: document.passages.count, place: document.place)
            for passage in document.passages where !whole.isEmpty {
                guard let place = whole[ByteString(passage.id)] else { continue }
                throw Self.clash(passage.id, at: place, document.id, cut)
            }
            self.cut[id] = cut
            return
        }
        guard let (name, piece) = CorpusDocument.parsePieceID(document.id) else { return }
        if let other = cut[ByteString(name)], piece < other.pieces {
            throw Self.clash(document.id, at: document.place, name, other)
        }
        whole[id] = document.place
    }

    private static func clash(_ whole: String, at place: String, _ cut: String, _ cutDocument: Cut) -> ImpRAGError {
        let piece = CorpusDocument.parsePieceID(whole)?.piece ?? 0
        return ImpRAGError(
            .invalidArgument,
            "\(place): the document \(whole) has the id that passage \(piece) of the document \(cut) gets, which stands at "
                + "\(cutDocument.place) and is cut into \(cutDocument.pieces): one would replace the other; rename one of them"
        )
    }
}
