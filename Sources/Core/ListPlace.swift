/// A passage's place in one of the lists that a search fused.
public struct ListPlace: Hashable, Sendable {
    /// By vector: the inner product. By words: BM25 with the statistics of the whole collection.
    public var score: Float
    /// 0 is the best.
    public var rank: Int

    public init(score: Float, rank: Int) {
        self.score = score
        self.rank = rank
    }
}
