import Core
import TestSupport
import Testing

@testable import Indexing

@Suite struct PassageSplitterTests {
    @Test("a text of at most so many words stays as it is")
    func short() {
        let splitter = PassageSplitter(wordsPerPassage: 3)
        for text in [" a ", "a b c", "\t a  b\nc \u{3000}", "é\u{A0}ü"] { #expect(splitter.pieces(of: text) == [text]) }
    }

    @Test("a text without a word has no pieces")
    func empty() {
        for text in ["", " ", "\n\t\u{85}\u{A0}\u{1680}\u{2003}\u{2028}\u{202F}\u{205F}\u{3000}"] {
            #expect(PassageSplitter().pieces(of: text).isEmpty)
        }
    }

    @Test("only the white space between two pieces is dropped")
    func cuts() {
        #expect(
            PassageSplitter(wordsPerPassage: 2).pieces(of: "  a  b \n c\u{2003}d e  ") == [
                "  a  b", "c\u{2003}d", "e  ",
            ])
        #expect(PassageSplitter(wordsPerPassage: 0).pieces(of: "a b c d") == ["a b c d"])
    }

    @Test("words of all pieces are the words of the text, and every piece but the last is full")
    func property() {
        var generator = SeededGenerator(seed: 11)
        let alphabet = Array("ab é🙂\u{301}中 \n\t\u{A0}\u{2009}\u{2028}")
        for _ in 0..<300 {
            let text = String(
                (0..<Int.random(in: 0..<200, using: &generator)).map { _ in
                    alphabet.randomElement(using: &generator) ?? " "
                })
            let limit = Int.random(in: 1..<12, using: &generator)
            let pieces = PassageSplitter(wordsPerPassage: limit).pieces(of: text)
            func words(_ text: String) -> [String] {
                text.unicodeScalars.split { $0.properties.isWhitespace }.map { String($0) }
            }
            #expect(pieces.flatMap(words) == words(text))
            for piece in pieces.dropLast() { #expect(words(piece).count == limit) }
            #expect(pieces.allSatisfy { text.utf8.count >= $0.utf8.count })
        }
    }

    @Test("letters of scripts without spaces are words of their own, unless they are few between two spaces")
    func unspaced() {
        let splitter = PassageSplitter(wordsPerPassage: 10)
        let chinese = String(repeating: "北京是中国的首都。", count: 100)
        let pieces = splitter.pieces(of: chinese)
        #expect(pieces.joined() == chinese && pieces.count == 80)
        #expect(pieces.dropLast().allSatisfy { $0.unicodeScalars.count { $0 != "。" } == 10 })
        #expect(pieces.allSatisfy { !$0.hasPrefix("。") })

        let mixed = "東京タワーは1958年に完成したTokyoの高さ333メートルの電波塔です"
        #expect(
            splitter.pieces(of: mixed) == ["東京タワーは1958年に完成", "したTokyoの高さ333メートル", "の電波塔です"])
        let thai = "กรุงเทพมหานครเป็นเมืองหลวงของประเทศไทย"
        let thaiPieces = splitter.pieces(of: thai)
        #expect(thaiPieces.joined() == thai && thaiPieces.count > 2)
        // A sign above or below never begins a piece.
        #expect(thaiPieces.allSatisfy { $0.unicodeScalars.first?.properties.isGraphemeExtend == false })
        let name = "Tokyo (東京) is the capital (首都)"
        #expect(PassageSplitter(wordsPerPassage: 6).pieces(of: name) == [name])
        #expect(PassageSplitter(wordsPerPassage: 0).pieces(of: chinese) == [chinese])
    }

    @Test("the ids of pieces can be told from other ids")
    func pieceIDs() {
        #expect(CorpusDocument.parsePieceID(CorpusDocument.pieceID("a#b", 12))?.document == "a#b")
        #expect(CorpusDocument.parsePieceID("a#12")?.piece == 12)
        for id in ["a", "a#", "a#01", "a#+1", "a#-1", "a#1x", "a#99999999999999999999"] {
            #expect(CorpusDocument.parsePieceID(id) == nil || CorpusDocument.parsePieceID(id)?.piece == -1, "\(id)")
        }
    }
}
