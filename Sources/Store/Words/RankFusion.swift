/// Fuses the list by vectors with the list by words, using ranks alone, so that scores of different kinds need not be
/// compared.
///
/// A passage's score is (1 − w) / (5 + its rank by vectors) + w / (5 + its rank by words), ranks from 1; a list that
/// lacks it adds nothing.
///
/// Source: reciprocal rank fusion (Cormack, Clarke & Büttcher, SIGIR 2009), with weights. Their constant of 60 makes
/// neighbouring ranks so similar that a list with a twentieth of the weight decides between them; with 5, a weak list
/// does no harm, and two good ones are fused no worse (docs/indexing.md).
public struct RankFusion: Sendable {
    /// The weight of the list by words, 0 to 1.
    public let weight: Double

    /// Keeps the top ranks of one list from outweighing everything in the other.
    static let smoothing = 5

    public init(weight: Double) {
        self.weight = weight
    }

    /// A passage of the fused list.
    public struct Place<ID: Hashable & Sendable>: Hashable, Sendable {
        public let id: ID
        public let score: Double
        /// From 0; nil when it is not in the list by vectors.
        public let vectorRank: Int?
        /// From 0; nil when it is not in the list by words.
        public let wordsRank: Int?
    }

    /// The best `count` of both lists, best first; ties broken by the rank by vectors, then by id.
    ///
    /// - Parameters:
    ///   - vectors: the list by vectors, best first; if an id occurs twice, its first place counts.
    ///   - words: the list by words, likewise.
    public func join<ID: Hashable & Comparable & Sendable>(
        vectors: [ID], words: [ID], count: Int
    ) -> [Place<ID>] {
        let vectorRanks = Self.ranks(vectors)
        let wordsRanks = Self.ranks(words)
        let places = Set(vectors).union(words).map { id in
            let (vectorRank, wordsRank) = (vectorRanks[id], wordsRanks[id])
            return Place(
                id: id, score: Self.share(1 - weight, vectorRank) + Self.share(weight, wordsRank),
                vectorRank: vectorRank, wordsRank: wordsRank)
        }
        let ordered = places.sorted { one, other in
            guard one.score == other.score else { return one.score > other.score }
            return (one.vectorRank ?? .max, one.id) < (other.vectorRank ?? .max, other.id)
        }
        return Array(ordered.prefix(count))
    }

    private static func share(_ weight: Double, _ rank: Int?) -> Double {
        rank.map { weight / Double(smoothing + 1 + $0) } ?? 0
    }

    private static func ranks<ID: Hashable>(_ list: [ID]) -> [ID: Int] {
        Dictionary(list.enumerated().map { ($1, $0) }) { first, _ in first }
    }
}
