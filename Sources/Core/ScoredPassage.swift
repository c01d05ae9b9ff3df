/// One passage that a search found.
public struct ScoredPassage: Hashable, Sendable {
    public var passage: Passage
    /// What the passages are ordered by: the inner product of query and passage embeddings; with words `fuse` the fused
    /// score, with words `only` the score by words.
    public var score: Float
    /// 0 is the best.
    public var rank: Int
    /// Its place in the list by vectors; nil when it is not in it, and in a search without words.
    public var byVector: ListPlace?
    /// Its place in the list by words; nil when it is not in it, and in a search without words.
    public var byWords: ListPlace?

    public init(
        passage: Passage, score: Float, rank: Int, byVector: ListPlace? = nil, byWords: ListPlace? = nil
    ) {
        self.passage = passage
        self.score = score
        self.rank = rank
        self.byVector = byVector
        self.byWords = byWords
    }
}

extension ScoredPassage {
    /// The order of found passages: by score, best first, ties broken by the bytes of the ids, so that it does not
    /// depend on which shard found what, or when.
    public static func isBetter(_ left: ScoredPassage, _ right: ScoredPassage) -> Bool {
        left.score == right.score ? Passage.isFirst(left.passage, right.passage) : left.score > right.score
    }

    /// The best `count` of what several searches found, ranked anew.
    public static func best(_ count: Int, of found: [ScoredPassage]) -> [ScoredPassage] {
        found.sorted(by: isBetter).prefix(count).enumerated().map { rank, hit in
            ScoredPassage(passage: hit.passage, score: hit.score, rank: rank)
        }
    }
}

extension Passage {
    /// The order of passages with equal scores.
    public static func isFirst(_ left: Passage, _ right: Passage) -> Bool { ByteString(left.id) < ByteString(right.id) }
}
