import Core
import Foundation
import TestSupport
import Testing

@testable import Words

/// Postings in memory.
private final class MemoryWords: WordSource {
    var directories: [[UInt8]: [(key: Int, bytes: [UInt8])]] = [:]
    var data: [[UInt8]: [Int: [UInt8]]] = [:]

    func add(_ term: [UInt8], _ postings: WordPostings, extentRows: Int) {
        for start in stride(from: 0, to: postings.count, by: extentRows) {
            let (directory, data) = WordCodec.encode(postings, start..<min(start + extentRows, postings.count))
            let key = Int(postings.rows[start])
            directories[term, default: []].append((key, directory))
            if let data { self.data[term, default: [:]][key] = data }
        }
    }

    func directories(of term: [UInt8], _ body: (Int, WordDirectory) -> Void) throws(ImpRAGError) {
        for (key, bytes) in directories[term] ?? [] {
            guard let directory = WordCodec.directory(bytes) else { throw damaged(term) }
            body(key, directory)
        }
    }
    func data(of term: [UInt8], key: Int) throws(ImpRAGError) -> [UInt8] { data[term]?[key] ?? [] }
    func dead(of term: [UInt8]) -> Int { 0 }
    func damaged(_ term: [UInt8]) -> ImpRAGError { ImpRAGError(.dataLoss, "damaged") }
}

struct WordSearchTests {
    /// Passages of words w0, w1, … of which each is rarer than the one before.
    private static func passages(_ count: Int, _ random: inout SeededGenerator) -> [[Int]] {
        (0..<count).map { _ in
            (0..<Int.random(in: 1...60, using: &random)).map { _ in
                Int(pow2(Double.random(in: 0..<10, using: &random))) - 1
            }
        }
    }

    private static func pow2(_ exponent: Double) -> Double {
        var value = 1.0
        for _ in 0..<Int(exponent) { value *= 2 }
        return value * (1 + (exponent - exponent.rounded(.down)))
    }

    @Test("what blocks and bounds find is what a score of every passage finds, bit for bit", arguments: [1, 2, 3])
    func exhaustive(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let passages = Self.passages(15_000, &random)
        var builder = PostingsBuilder(.plain, expectsMany: true)
        var (lengths, tokens) = (PassageLengths(), 0)
        for (row, words) in passages.enumerated() {
            let length = builder.add(row: row, title: "", text: words.map { "w\($0)" }.joined(separator: " "))
            #expect(length == words.count)
            lengths[row] = length
            tokens += length
        }
        let source = MemoryWords()
        builder.drain { term, postings in
            source.add(term, postings, extentRows: [1, 3, 128, 500, 4096].randomElement(using: &random) ?? 1)
        }
        for round in 0..<40 {
            let words = Array(
                Set((0..<Int.random(in: 1...12, using: &random)).map { _ in Self.passages(1, &random)[0][0] }))
            var allowed = RowSet()
            for row in passages.indices where round % 3 == 0 || Int.random(in: 0..<10, using: &random) < round % 10 + 1
            {
                allowed.insert(row)
            }
            let count = [1, 10, 200][round % 3]
            let search = WordSearch(source: source, lengths: lengths, passages: passages.count, tokens: tokens)
            let found = try search.run(words.map { "w\($0)" }, count: count, allowed: allowed, deadline: .never)
            let statistics = WordStatistics(
                passages: passages.count, tokens: tokens,
                frequencies: words.map { word in passages.filter { $0.contains(word) }.count })
            #expect(found.statistics == statistics)
            let hits = passages.indices.filter { allowed.contains($0) }.map { row in
                WordHit(
                    row: row, frequencies: words.map { word in passages[row].filter { $0 == word }.count },
                    length: passages[row].count)
            }.filter { $0.frequencies.contains { $0 > 0 } }
            let scored = hits.map { ($0, BM25.score($0.frequencies, length: $0.length, statistics: statistics)) }
            let expected = scored.sorted { $0.1 != $1.1 ? $0.1 > $1.1 : $0.0.row < $1.0.row }.prefix(count).map(\.0)
            #expect(found.hits == expected)
        }
    }

    @Test("a title adds three tenths of the weights of its terms that the query has, times their share of the title")
    func titles() {
        let statistics = WordStatistics(passages: 100, tokens: 1000, frequencies: [3, 10])
        let weights = [3, 10].map { Float(log(1 + (100 - $0 + 0.5) / ($0 + 0.5))) }
        let score = { (title: TitleTerms) in BM25.score([1, 1], length: 9, title: title, statistics: statistics) }
        let plain = score(TitleTerms())
        #expect(abs(score(TitleTerms(terms: [0, 1], count: 2)) - plain - 0.3 * (weights[0] + weights[1])) < 1e-5)
        #expect(abs(score(TitleTerms(terms: [1], count: 4)) - plain - 0.3 * weights[1] / 4) < 1e-5)
        #expect(score(TitleTerms(terms: [], count: 4)) == plain)
        #expect(score(TitleTerms(terms: [2], count: 1)) == plain, "a term that the query does not have counts nothing")
    }

    @Test("BM25 is Lucene's")
    func formula() {
        let statistics = WordStatistics(passages: 10, tokens: 50, frequencies: [3, 1])
        // ln(1 + 7.5/3.5) · 2/(2 + 0.9·(0.6 + 0.4·8/5)) + ln(1 + 9.5/1.5) · 1/(1 + 1.116)
        #expect(abs(BM25.score([2, 1], length: 8, statistics: statistics) - 1.676_604) < 1e-4)
        #expect(BM25.score([0, 0], length: 8, statistics: statistics) == 0)
        #expect(BM25.score([1], length: 1, statistics: WordStatistics(passages: 1, tokens: 1, frequencies: [5])) > 0)
    }

    @Test("figures add up, and only those of the same terms")
    func statistics() throws {
        var sum = WordStatistics(passages: 1, tokens: 2, frequencies: [1, 0])
        try sum.add(WordStatistics(passages: 2, tokens: 30, frequencies: [1, 2]))
        #expect(sum == WordStatistics(passages: 3, tokens: 32, frequencies: [2, 2]))
        #expect(throws: ImpRAGError.self) {
            try sum.add(WordStatistics(passages: 1, tokens: 1, frequencies: [1]))
        }
        #expect(throws: ImpRAGError.self) {
            try sum.add(WordStatistics(passages: .max, tokens: 1, frequencies: [1, 1]))
        }
    }

    @Test("a search stops at its deadline")
    func deadline() {
        let search = WordSearch(source: MemoryWords(), lengths: PassageLengths(), passages: 0, tokens: 0)
        #expect(throws: ImpRAGError.self) {
            try search.run(["a"], count: 1, allowed: RowSet(), deadline: .after(milliseconds: -1))
        }
    }
}
