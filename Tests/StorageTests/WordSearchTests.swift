import Core
import Foundation
import Platform
import TestSupport
import Testing
import Words

@testable import Storage

/// A partition's lexical index against texts that are looked through one by one.
struct WordSearchTests {
    private static let dimension = 4

    /// Words of which each is rarer than the one before.
    private static func text(_ random: inout SeededGenerator) -> String {
        (0..<Int.random(in: 1...30, using: &random)).map { _ in
            let most = Int.random(in: 1...400, using: &random)
            return "w\(Int.random(in: 0..<most, using: &random))"
        }.joined(separator: " ")
    }

    private static func passages(
        _ ids: Range<Int>, _ random: inout SeededGenerator
    ) -> [Passage] {
        ids.map { id in
            Passage(
                id: "p\(id)", title: id % 5 == 0 ? "" : "w\(id % 90)", text: text(&random),
                metadata: ["third": .number(Number(Double(id % 3)))])
        }
    }

    private static func fingerprint() throws -> Fingerprint {
        try #require(Fingerprint(bytes: [UInt8](repeating: 7, count: 32)))
    }

    private static func vectors(_ count: Int) -> [BFloat16] {
        [BFloat16](repeating: BFloat16(1), count: count * dimension)
    }

    private static func fill(
        _ path: String, _ passages: [Passage], words: WordAnalysis? = .english, batch: Int = 100
    ) throws {
        let writer = try PartitionWriter(
            path: path, fingerprint: fingerprint(), dimension: dimension, number: 0, partitionCount: 1, words: words)
        for start in stride(from: 0, to: passages.count, by: batch) {
            let part = Array(passages[start..<min(start + batch, passages.count)])
            try writer.append(part, vectors: vectors(part.count))
        }
        _ = try writer.finish()
    }

    /// Compares searches with `texts`, which the partition should hold.
    private static func check(
        _ live: LivePartition, _ texts: [String: Passage], _ random: inout SeededGenerator, rounds: Int = 12
    ) throws {
        var analyzer = WordAnalyzer(.english)
        var terms: [String: [String: Int]] = [:]
        for (id, passage) in texts {
            analyzer.forEachTerm(of: WordAnalyzer.text(title: passage.title, text: passage.text)) { term in
                terms[id, default: [:]][String(decoding: term, as: UTF8.self), default: 0] += 1
            }
        }
        for round in 0..<rounds {
            let question = text(&random)
            let filter = round % 3 == 1 ? Filter.equals(field: "third", .number(1)) : nil
            let count = [10, 3, 200][round % 3]
            let found = try #require(
                try live.searchWords(question, count: count, filter: filter, deadline: .after(milliseconds: 60_000)))
            #expect(found.terms == analyzer.distinctTerms(of: question, limit: 64))
            let statistics = WordStatistics(
                passages: texts.count, tokens: terms.values.reduce(0) { $0 + $1.values.reduce(0, +) },
                frequencies: found.terms.map { term in terms.values.filter { $0[term] != nil }.count })
            #expect(found.statistics == statistics)
            typealias Scored = (id: String, row: Int, score: Float)
            let isBefore = { (one: Scored, other: Scored) in
                one.score != other.score ? one.score > other.score : one.row < other.row
            }
            var expected: [Scored] = []
            for (id, passage) in texts where filter == nil || passage.metadata["third"] == .number(1) {
                let frequencies = found.terms.map { terms[id]?[$0] ?? 0 }
                guard frequencies.contains(where: { $0 > 0 }) else { continue }
                let length = terms[id]?.values.reduce(0, +) ?? 0
                expected.append(
                    (
                        id, try #require(try live.partition.row(of: id)),
                        BM25.score(frequencies, length: length, statistics: statistics)
                    ))
            }
            // Titles order the best by BM25 alone.
            expected = expected.sorted(by: isBefore).prefix(max(count, 64)).map { id, row, _ in
                let title = analyzer.match(title: texts[id]?.title ?? "", found.terms)
                return (
                    id, row,
                    BM25.score(
                        found.terms.map { terms[id]?[$0] ?? 0 }, length: terms[id]?.values.reduce(0, +) ?? 0,
                        title: title,
                        statistics: statistics)
                )
            }
            expected.sort(by: isBefore)
            #expect(found.hits.map(\.row) == expected.prefix(count).map(\.row))
            for hit in found.hits.prefix(5) {
                let passage = try #require(try live.partition.passages(rows: [hit.row])[0])
                #expect(hit.frequencies == found.terms.map { terms[passage.id]?[$0] ?? 0 })
            }
        }
    }

    @Test(
        "whatever was added, replaced, deleted, opened again and swept, words find what a look at every text finds",
        arguments: [1, 2])
    func changes(seed: UInt64) throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("partition")
        var random = SeededGenerator(seed: seed)
        let first = Self.passages(0..<1500, &random)
        try Self.fill(path, first)
        var texts = Dictionary(uniqueKeysWithValues: first.map { ($0.id, $0) })
        var opened: LivePartition? = try LivePartition(Partition(path: path, access: .readWrite))
        var sweeps = 0
        for round in 0..<24 {
            let step = Int.random(in: 0..<10, using: &random)
            if step == 9 {
                // One at a time.
                opened = nil
                opened = try LivePartition(Partition(path: path, access: .readWrite))
            }
            let live = try #require(opened)
            if step < 6 {
                let start = Int.random(in: 0..<2500, using: &random)
                var passages = Self.passages(start..<(start + Int.random(in: 1...300, using: &random)), &random)
                // One comes twice.
                passages.append(Passage(id: passages[0].id, title: "again", text: "w1 w2 w2"))
                _ = try live.upsert(passages, vectors: Self.vectors(passages.count))
                for passage in passages { texts[passage.id] = passage }
            } else if step < 9 {
                let count = Int.random(in: 1...200, using: &random)
                let gone = Array(texts.keys.sorted().shuffled(using: &random).prefix(count))
                #expect(try live.delete(ids: gone + ["nobody"]) == gone.count)
                for id in gone { texts[id] = nil }
            }
            if round % 6 == 5 {
                while try live.maintainWords(pause: {}) { sweeps += 1 }
            }
            try Self.check(live, texts, &random, rounds: 3)
        }
        #expect(sweeps > 0)
        let live = try #require(opened)
        while try live.maintain(pause: {}) {}
        try Self.check(live, texts, &random)
        try live.partition.flush()
        let reopened = try LivePartition(Partition(path: path))
        try Self.check(reopened, texts, &random)
    }

    @Test(
        "a partition that was made without words opens for reading and writing, takes changes, and says that it has none"
    )
    func old() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("partition")
        var random = SeededGenerator(seed: 3)
        try Self.fill(path, Self.passages(0..<50, &random), words: nil)
        for access in [Partition.Access.readOnly, .readWrite] {
            let live = try LivePartition(Partition(path: path, access: access))
            #expect(try live.searchWords("w1", count: 3, filter: nil, deadline: .never) == nil)
            #expect(live.partition.words == nil)
            guard access == .readWrite else { continue }
            _ = try live.upsert(Self.passages(40..<60, &random), vectors: Self.vectors(20))
            #expect(try live.delete(ids: ["p1"]) == 1)
            #expect(try live.maintainWords(pause: {}) == false)
        }
        let live = try LivePartition(Partition(path: path))
        #expect(live.partition.count == 59)
        #expect(try live.searchWords("w1", count: 3, filter: nil, deadline: .never) == nil)
    }

    @Test("the same rows have one content checksum, with words and without")
    func checksum() throws {
        let directory = try TemporaryDirectory()
        var random = SeededGenerator(seed: 4)
        let passages = Self.passages(0..<80, &random)
        var sums: [String] = []
        for (number, words) in [WordAnalysis.english, .plain, nil].enumerated() {
            let path = directory.file("\(number)")
            try Self.fill(path, passages, words: words)
            sums.append(try Partition(path: path).contentChecksum().description)
        }
        #expect(Set(sums).count == 1)
    }

    @Test("the plain analysis keeps stop words and endings; question and passages agree")
    func plain() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("partition")
        try Self.fill(
            path,
            [
                Passage(id: "a", title: "Les chats", text: "Le chat mange."),
                Passage(id: "b", title: "", text: "The cats ate."),
            ], words: .plain)
        let live = try LivePartition(Partition(path: path))
        let cats = try #require(try live.searchWords("THE chats", count: 9, filter: nil, deadline: .never))
        #expect(cats.terms == ["the", "chats"])
        #expect(cats.hits.map(\.row) == [0, 1] || cats.hits.map(\.row) == [1, 0])
        #expect(try live.searchWords("cat", count: 9, filter: nil, deadline: .never)?.hits.isEmpty == true)
        #expect(try live.searchWords("?!", count: 9, filter: nil, deadline: .never)?.terms == [])
        #expect(throws: ImpRAGError.self) {
            try live.searchWords("cat", count: 0, filter: nil, deadline: .never)
        }
        #expect(throws: ImpRAGError.self) {
            try live.searchWords("chats", count: 1, filter: nil, deadline: .after(milliseconds: -1))
        }
    }

    @Test("the passage that is about what a question names comes before those that mention it more often")
    func titled() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("partition")
        let mention = "Cromwell again, and Oliver; Cromwell and Oliver Cromwell, and all that came of it."
        try Self.fill(
            path,
            [
                Passage(id: "war", title: "Civil war", text: mention),
                Passage(id: "thomas", title: "Thomas Cromwell", text: mention),
                Passage(id: "oliver", title: "Oliver Cromwell", text: "A soldier who governed without a crown."),
                Passage(id: "other", title: "", text: "Nothing of the kind."),
            ])
        let live = try LivePartition(Partition(path: path))
        let found = try #require(
            try live.searchWords("Who was Oliver Cromwell?", count: 4, filter: nil, deadline: .never))
        let ids = try live.partition.passages(rows: found.hits.map(\.row)).map { $0?.id }
        #expect(ids.first == "oliver")
        #expect(found.hits.first?.title.count == 2)
        #expect(found.hits.first?.title.terms.map { found.terms[$0] } == ["oliv", "cromwel"])
    }

    @Test("a bulk writer that ends between rows and their words goes on exactly, and refuses another analysis")
    func resumed() throws {
        let directory = try TemporaryDirectory()
        var random = SeededGenerator(seed: 6)
        let passages = Self.passages(0..<700, &random)
        let path = directory.file("partition")
        for start in stride(from: 0, to: 600, by: 100) {
            // Dropped without `finish`: what was in memory is lost, as after a kill.
            let writer = try PartitionWriter(
                path: path, fingerprint: Self.fingerprint(), dimension: Self.dimension, number: 0, partitionCount: 1)
            #expect(writer.count == start)
            try writer.append(Array(passages[start..<(start + 100)]), vectors: Self.vectors(100))
        }
        #expect(throws: ImpRAGError.self) {
            _ = try PartitionWriter(
                path: path, fingerprint: Self.fingerprint(), dimension: Self.dimension, number: 0, partitionCount: 1,
                words: .plain)
        }
        let writer = try PartitionWriter(
            path: path, fingerprint: Self.fingerprint(), dimension: Self.dimension, number: 0, partitionCount: 1)
        try writer.append(Array(passages[600...]), vectors: Self.vectors(100))
        _ = try writer.finish()
        let live = try LivePartition(Partition(path: path))
        try Self.check(live, Dictionary(uniqueKeysWithValues: passages.map { ($0.id, $0) }), &random)
    }

    @Test("the lengths of passages count as memory")
    func memory() throws {
        let directory = try TemporaryDirectory()
        var random = SeededGenerator(seed: 7)
        let passages = Self.passages(0..<100, &random)
        try Self.fill(directory.file("with"), passages)
        try Self.fill(directory.file("without"), passages, words: nil)
        let with = try LivePartition.requiredBytes(Partition(path: directory.file("with")))
        let without = try LivePartition.requiredBytes(Partition(path: directory.file("without")))
        #expect(with.bytes - without.bytes >= 200)
    }
}
