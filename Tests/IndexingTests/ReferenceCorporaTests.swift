import Core
import Foundation
import TestSupport
import Testing

@testable import Indexing

/// Real corpora; the counts are those that their README states.
@Suite(.enabled(if: SharedData.path("data") != nil, "needs ../shared/data"))
struct ReferenceCorporaTests {
    private struct Record: Decodable {
        var id: String
        var title: String?
        var text: String
    }

    @Test(
        "every passage is read as it stands",
        arguments: [
            ("2wikimultihop/passages.jsonl.gz", 6119), ("hotpotqa/passages.jsonl", 994),
            ("musique/passages.jsonl", 1885),
            ("nq/passages.jsonl", 526), ("squad/passages.jsonl", 977), ("wiki/passages.jsonl.gz", 3429),
        ])
    func passages(name: String, count: Int) throws {
        let path = try #require(SharedData.path("data/" + name))
        #expect(try CorpusFormat.detect(path: path) == .jsonl)
        var reader = try CorpusReader(files: [path], splitter: PassageSplitter(wordsPerPassage: 0))
        var ids: Set<String> = []
        while let document = try reader.next() {
            #expect(document.passages.count == 1)
            ids.insert(document.id)
        }
        #expect(ids.count == count && reader.badLines.count == 0)
    }

    @Test("pieces hold the words of their document, in order, and at most 100 each")
    func splitting() throws {
        let path = try #require(SharedData.path("data/squad/passages.jsonl"))
        var reader = try CorpusReader(files: [path])
        var pieces: [String: String] = [:]
        while let document = try reader.next() {
            for passage in document.passages {
                #expect(passage.text.unicodeScalars.split { $0.properties.isWhitespace }.count <= 100)
            }
            pieces[document.id] = document.passages.map(\.text).joined(separator: " ")
        }
        for line in try String(contentsOf: URL(filePath: path), encoding: .utf8).utf8.split(separator: 0x0A) {
            let record = try JSONDecoder().decode(Record.self, from: Data(line))
            func words(_ text: String) -> [Substring] { text.split { $0.isWhitespace } }
            #expect(pieces[record.id].map(words) == words(record.text))
        }
    }
}
