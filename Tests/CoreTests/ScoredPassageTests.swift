import Core
import Testing

@Suite struct ScoredPassageTests {
    private func hit(_ id: String, _ score: Float) -> ScoredPassage {
        ScoredPassage(passage: Passage(id: id, title: "", text: "text"), score: score, rank: 7)
    }

    @Test("found passages are in order of score, equal scores in order of the bytes of their ids, whoever came first")
    func order() {
        // Canonically equal, and in the order of their bytes: "e" with an accent of its own, then the one code point.
        let (decomposed, composed) = ("e\u{301}", "\u{e9}")
        let hits = [hit("b", 1), hit(composed, 2), hit("a", 1), hit(decomposed, 2), hit("z", 3)]
        for turn in hits.indices {
            let best = ScoredPassage.best(4, of: Array(hits[turn...] + hits[..<turn]))
            #expect(best.map { ByteString($0.passage.id) } == ["z", ByteString(decomposed), ByteString(composed), "a"])
            #expect(best.map(\.rank) == [0, 1, 2, 3])
        }
        #expect(ScoredPassage.best(0, of: hits).isEmpty)
    }
}
