import TestSupport
import Testing

@testable import Words

struct RankFusionTests {
    private func ids(_ vectors: [String], _ words: [String], weight: Double = 0.5, count: Int = 10) -> [String] {
        RankFusion(weight: weight).join(vectors: vectors, words: words, count: count).map(\.id)
    }

    @Test("a passage of both lists stands before the first of either, and says where each list has it")
    func both() throws {
        let joined = RankFusion(weight: 0.5).join(vectors: ["a", "b", "c"], words: ["d", "e", "b"], count: 10)
        #expect(joined.map(\.id) == ["b", "a", "d", "e", "c"])
        let first = try #require(joined.first)
        #expect(first.vectorRank == 1 && first.wordsRank == 2)
        #expect(first.score == 0.5 / 7 + 0.5 / 8)
        #expect(joined[1].vectorRank == 0 && joined[1].wordsRank == nil && joined[1].score == 0.5 / 6)
        #expect(joined[2].vectorRank == nil && joined[2].wordsRank == 0 && joined[2].score == 0.5 / 6)
    }

    @Test("equal scores stand by the better rank by vectors, then by id")
    func ties() {
        #expect(ids(["x", "a"], ["a", "x"]) == ["x", "a"])
        #expect(ids(["x"], ["a"]) == ["x", "a"])
        // Nothing counts by words, and those that vectors have not found are all alike.
        #expect(ids(["x"], ["z", "y"], weight: 0) == ["x", "y", "z"])
    }

    @Test("at weight 0 the order is that of vectors, at weight 1 that of words", arguments: 1...5)
    func ends(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let names = (0..<20).map { "p\($0)" }
        let (vectors, words) = (names.shuffled(using: &random), names.shuffled(using: &random))
        #expect(ids(vectors, words, weight: 0, count: 20) == vectors)
        #expect(ids(vectors, words, weight: 1, count: 20) == words)
    }

    @Test("the more words count, the further up stands what words have found alone")
    func weight() {
        let vectors = ["a", "b", "c", "d"]
        #expect(ids(vectors, ["w"], weight: 0.2).last == "w")
        #expect(ids(vectors, ["w"], weight: 0.8).first == "w")
    }

    @Test("a count larger than what is there gives all, 0 gives none, and empty lists join to nothing")
    func counts() {
        #expect(ids(["a"], ["b"], count: 1000).count == 2)
        #expect(ids(["a"], ["b"], count: 0).isEmpty)
        #expect(ids([], []).isEmpty)
        #expect(ids([], ["b", "c"]) == ["b", "c"])
    }

    @Test("of an id that stands twice in a list the first place counts")
    func doubled() {
        let joined = RankFusion(weight: 0.5).join(vectors: ["a", "b", "a"], words: [], count: 10)
        #expect(joined.map(\.id) == ["a", "b"] && joined[0].vectorRank == 0)
    }
}
