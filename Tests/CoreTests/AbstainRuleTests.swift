import Core
import Testing

@Suite struct AbstainRuleTests {
    private func thresholds(
        words: WordsMode = .off, k: Int = 2, vector: Float? = nil, words wordsScore: Float? = nil, mass: Float? = nil,
        of model: Fingerprint = model
    ) -> CertaintyThresholds {
        CertaintyThresholds(
            fingerprint: model.description, words: words, encoding: .segmented, k: k, vectorScore: vector,
            wordsScore: wordsScore, passageMass: mass, questions: 9)
    }

    private static let model = fingerprint(1)

    private static func fingerprint(_ byte: UInt8) -> Fingerprint {
        guard let fingerprint = Fingerprint(bytes: Array(repeating: byte, count: 32)) else {
            preconditionFailure("32 bytes are a fingerprint")
        }
        return fingerprint
    }

    private func rule(_ known: [CertaintyThresholds]?, words: WordsMode = .off, k: Int = 2) -> AbstainRule {
        AbstainRule(words: words, encoding: .segmented, k: k, known: known, fingerprint: Self.model)
    }

    private func passage(_ score: Float, vector: Float? = nil, words: Float? = nil) -> ScoredPassage {
        ScoredPassage(
            passage: Passage(id: "p", title: "", text: "t"), score: score, rank: 0,
            byVector: vector.map { ListPlace(score: $0, rank: 0) }, byWords: words.map { ListPlace(score: $0, rank: 0) }
        )
    }

    @Test("a missing shard comes before no passage, and no passage before a low score")
    func order() {
        let rule = rule([thresholds(vector: 5)])
        #expect(rule.notice.isEmpty)
        #expect(rule.before([], missing: ["shard-1"])?.reason == .partialIndex)
        #expect(rule.before([], missing: ["shard-1"])?.why.contains("shard-1 does not answer") == true)
        #expect(rule.before([], missing: [])?.reason == .noContext)
        #expect(rule.before([passage(4.5), passage(4)], missing: [])?.reason == .lowScore)
        #expect(
            rule.before([passage(4.5)], missing: [])?.why == "the best score is too low: by vector 4.5 of at least 5.0")
        #expect(rule.before([passage(5), passage(4)], missing: []) == nil)
    }

    @Test("of fused lists, one good one is enough; fused scores themselves do not count")
    func fused() {
        let both = rule([thresholds(words: .fuse, vector: 5, words: 10)], words: .fuse)
        #expect(both.before([passage(0.01, vector: 6), passage(0.01, words: 3)], missing: []) == nil)
        #expect(both.before([passage(0.01, vector: 1), passage(0.01, words: 11)], missing: []) == nil)
        #expect(both.before([passage(99, vector: 1, words: 3)], missing: [])?.reason == .lowScore)
        #expect(
            both.before([passage(0.01, words: 3)], missing: [])?.why
                == "the best score is too low: by vector none of at least 5.0, by words 3.0 of at least 10.0")
        let one = rule([thresholds(words: .fuse, words: 10)], words: .fuse)
        #expect(one.before([passage(0.01, vector: 1, words: 3)], missing: [])?.reason == .lowScore)
    }

    @Test("attention is that of all passages together, and known only afterwards")
    func attention() {
        let rule = rule([thresholds(mass: 0.5)])
        #expect(rule.before([passage(-100)], missing: []) == nil)
        #expect(rule.after(attention: [0.25, 0.25]) == nil)
        #expect(rule.after(attention: [0.25, 0.125])?.reason == .unsupported)
    }

    @Test("thresholds of other requests or models are not used, and the notice says what there is")
    func others() {
        let cases: [([CertaintyThresholds]?, String)] = [
            (nil, "thresholds are not known: the cluster file names no index"),
            ([], "the collection has no thresholds"),
            ([thresholds(vector: 5, of: Self.fingerprint(2))], "are of another model"),
            (
                [thresholds(k: 3, vector: 5)],
                "are for words off, segmented encoding and k = 3, not for words off, segmented"
            ),
            ([thresholds(words: .only, words: 5)], "are for words only"),
        ]
        for (known, notice) in cases {
            let rule = rule(known)
            #expect(rule.notice.contains(notice), "\(rule.notice)")
            #expect(rule.notice.hasSuffix("only no_context and partial_index are checked"))
            #expect(rule.before([passage(-100)], missing: []) == nil && rule.after(attention: [0]) == nil)
            #expect(rule.before([], missing: [])?.reason == .noContext)
        }
        #expect(rule([], k: 0).notice.isEmpty)
    }
}
