import Core
import Kernels
import TestSupport
import Testing

@testable import VectorIndex

/// Ranking lists by a part of their centroids finds what ranking them by all of it finds.
@Suite struct ListRankingTests {
    private static let (lists, width) = (3000, 128)

    /// Centroids whose coordinates vary less and less, as those of principal directions do.
    private struct Case {
        let heads: [BFloat16]
        let spreads: [Float]
        var query: [Float]

        init(seed: UInt64, decay: Float) {
            var random = SeededGenerator(seed: seed)
            func number(_ place: Int) -> Float {
                Float.random(in: -1...1, using: &random) / (1 + decay * Float(place % width))
            }
            var heads = (0..<(lists * width)).map { BFloat16(number($0)) }
            // The farthest list, and others with the same centroid: where spreads are equal too, their numbers decide.
            for place in (5 * width)..<(6 * width) { heads[place] = BFloat16(6 * heads[place].float) }
            for list in [17, 900, 2999] {
                heads.replaceSubrange((list * width)..<((list + 1) * width), with: heads[(5 * width)..<(6 * width)])
            }
            self.heads = heads
            spreads = (0..<lists).map { Float($0 % 7) * 0.1 }
            // The coordinates beyond the width are not those that lists are ranked by.
            query = (0..<(width + 3)).map { number($0) }
        }

        /// By all coordinates.
        func whole(_ count: Int, spread: Float) -> (order: [UInt32], scores: [Float]) {
            var scores = [Float](repeating: 0, count: lists)
            multiply(query.span.extracting(0..<width), heads.span, into: &scores)
            var ranks = scores
            addScaled(scores, spreads, times: spread, into: &ranks)
            return (placesOfLargest(count, of: ranks), scores)
        }

        func best(_ count: Int, spread: Float) throws -> (order: [UInt32]?, scores: [Float]) {
            let ranking = try #require(ListRanking(heads: heads, headWidth: width, leastBytes: 0))
            var scores = [Float](repeating: .nan, count: lists)
            var room = ListRanking.Room(listCount: lists)
            let order = ranking.best(
                count, for: query, heads: heads, spreads: spreads, spread: spread, scores: &scores, room: &room,
                helpers: nil)
            return (order, scores)
        }
    }

    @Test(
        "lists and their scores are those of reading every centroid, bit for bit",
        arguments: 1...8 as ClosedRange<UInt64>)
    func sameLists(seed: UInt64) throws {
        let made = Case(seed: seed, decay: 0.5)
        for (count, spread) in [(1, 0), (10, 0.3), (60, 2), (100, 0.01)] as [(Int, Float)] {
            let whole = made.whole(count, spread: spread)
            let found = try made.best(count, spread: spread)
            let order = try #require(found.order)
            #expect(order == whole.order)
            #expect(order.allSatisfy { found.scores[Int($0)] == whole.scores[Int($0)] })
        }
    }

    @Test("equal ranks are ordered by the lists' numbers")
    func ties() throws {
        var made = Case(seed: 3, decay: 0.5)
        made.query = made.heads[(5 * Self.width)..<(6 * Self.width)].map { $0.float * 9 } + [0, 0, 0]
        let spread: Float = 0
        let order = try #require(try made.best(4, spread: spread).order)
        #expect(order == made.whole(4, spread: spread).order && Set(order) == [5, 17, 900, 2999])
        #expect(order == order.sorted())
    }

    @Test("where the first coordinates say too little, or the lists are few, all of them are read")
    func refused() throws {
        #expect(try Case(seed: 1, decay: 0).best(10, spread: 0.3).order == nil)
        #expect(try Case(seed: 1, decay: 0.5).best(Self.lists / 4, spread: 0.3).order == nil)
        var odd = Case(seed: 1, decay: 0.5)
        odd.query[3] = .infinity
        #expect(try odd.best(10, spread: 0.3).order == nil)
        let heads = [BFloat16](repeating: BFloat16(1), count: 4000 * 128)
        #expect(ListRanking(heads: heads, headWidth: 128) == nil)
        #expect(ListRanking(heads: heads, headWidth: 64, leastBytes: 0) == nil)
        #expect(ListRanking.residentBytes(listCount: 4000, headWidth: 128) == 0)
        #expect(ListRanking.residentBytes(listCount: 8192, headWidth: 128) == 8192 * 72)
        #expect(ListRanking(heads: heads + heads + heads, headWidth: 128) != nil)
    }
}
