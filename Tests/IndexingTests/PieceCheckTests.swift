import Core
import Testing

@testable import Indexing

struct PieceCheckTests {
    private func document(_ id: String, words: Int, line: Int) -> CorpusDocument {
        let text = (0..<words).map { "w\($0)" }.joined(separator: " ")
        return CorpusDocument(
            SourceDocument(id: id, title: "", text: text), splitter: PassageSplitter(wordsPerPassage: 10),
            place: "c.jsonl:\(line)")
    }

    @Test("a document with the id of another's piece is refused in either order, with both places")
    func clash() throws {
        for order in [[0, 1], [1, 0]] {
            let documents = [document("u#1", words: 1, line: 1), document("u", words: 15, line: 2)]
            var check = PieceCheck()
            try check.add(documents[order[0]])
            let error = #expect(throws: ImpRAGError.self) { try check.add(documents[order[1]]) }
            #expect(
                error?.message.contains("c.jsonl:1: the document u#1") == true
                    && error?.message.contains("c.jsonl:2") == true,
                "\(error as Any)")
        }
    }

    @Test("ids that only look like pieces, of texts that are not cut so far or at all, are fine")
    func noClash() throws {
        var check = PieceCheck()
        for (id, words) in [("u#2", 1), ("u", 15), ("v#0", 1), ("v", 1), ("w#0", 15), ("w", 15)] {
            try check.add(document(id, words: words, line: 1))
        }
    }
}
