import Core
import TestSupport
import Testing

@testable import Words

struct WordRankingTests {
    /// Passages of one term and of another, by id.
    private static let passages = (0..<40).map { number in
        WordRanking.Entry(item: number, frequencies: [number % 3, number % 5], length: 5 + number % 7)
    }

    private func statistics(_ entries: [WordRanking<Int>.Entry]) -> WordStatistics {
        WordStatistics(
            passages: entries.count, tokens: entries.reduce(0) { $0 + $1.length },
            frequencies: (0..<2).map { term in entries.count { $0.frequencies[term] > 0 } })
    }

    private func ranking(_ parts: [[WordRanking<Int>.Entry]]) throws -> WordRanking<Int> {
        var ranking = WordRanking<Int>()
        for part in parts {
            try ranking.add(terms: ["one", "other"], statistics: statistics(part), entries: part)
        }
        return ranking
    }

    @Test("however passages are spread over partitions, their scores and their order are the same", arguments: 1...5)
    func spread(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let whole = try ranking([Self.passages]).best(40, <)
        var parts = [[WordRanking<Int>.Entry]](repeating: [], count: 3)
        for passage in Self.passages.shuffled(using: &random) {
            parts[Int.random(in: 0..<3, using: &random)].append(passage)
        }
        let spread = try ranking(parts)
        #expect(spread.statistics == statistics(Self.passages))
        #expect(spread.best(40, <).map(\.entry.item) == whole.map(\.entry.item), "seed \(seed)")
        #expect(spread.best(40, <).map(\.score) == whole.map(\.score), "seed \(seed)")
        #expect(whole.map(\.score) == whole.map(\.score).sorted(by: >))
    }

    @Test("keeping the best changes nothing about them")
    func kept() throws {
        var ranking = try ranking([Self.passages])
        let best = ranking.best(7, <).map(\.entry.item)
        ranking.keep(7, <)
        #expect(ranking.best(40, <).map(\.entry.item) == best)
    }

    @Test("equal scores stand in the order that is asked for")
    func ties() throws {
        let same = [3, 1, 2].map { WordRanking.Entry(item: $0, frequencies: [1, 0], length: 4) }
        #expect(try ranking([same]).best(3, <).map(\.entry.item) == [1, 2, 3])
        #expect(try ranking([same]).best(3, >).map(\.entry.item) == [3, 2, 1])
    }

    @Test("a partition with other terms is refused, naming both")
    func otherTerms() throws {
        var ranking = try ranking([Self.passages])
        let error = #expect(throws: ImpRAGError.self) {
            try ranking.add(
                terms: ["ones", "other"], statistics: WordStatistics(passages: 1, tokens: 1, frequencies: [1, 1]),
                entries: [])
        }
        #expect(error?.code == .failedPrecondition)
        #expect(error?.message.contains("'ones other'") == true && error?.message.contains("'one other'") == true)
    }
}
