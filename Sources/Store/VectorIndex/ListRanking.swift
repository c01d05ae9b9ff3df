internal import Core
internal import Kernels

/// Finds the most promising of many lists without reading all of their centroids.
///
/// The centroids of a partition of millions do not stay in a cache, and reading them was a sixth of a search. Their
/// coordinates come by descending variance, so the first ones hold most of a product: by the Cauchy-Schwarz inequality
/// the others add at most the product of two norms. That leaves some lists that may be among the best; their
/// ranks are computed as they always are. So the result is, bit for bit, that of reading everything.
struct ListRanking: Sendable {
    /// `[listCount × frontWidth]`: the centroids' first coordinates.
    private let fronts: [BFloat16]
    /// `[listCount]`: norms of the centroids' other coordinates that lists are ranked by, and of all of these.
    private let rests: [Float]
    private let norms: [Float]
    private let headWidth: Int

    static let frontWidth = 32
    /// A quarter of the coordinates must do, or too little is saved.
    private static let leastHeadWidth = 4 * frontWidth
    /// Fewer bytes of centroids stay in the second-level cache.
    private static let leastBytes = 1 << 20
    /// When more than this share of the lists may be among the best, reading all of them in order is as quick.
    private static let mostNear = 8
    /// More than float32 can be off by, relative to the norms, in a product of 128 numbers and its bounds: some 150
    /// roundings of 2⁻²⁴ each.
    private static let slack: Float = 4e-5

    /// - Parameters:
    ///   - heads: `[listCount × headWidth]`.
    ///   - leastBytes: nil for the usual.
    /// - Returns: nil where it would save nothing.
    init?(heads: [BFloat16], headWidth: Int, leastBytes: Int? = nil) {
        guard headWidth >= Self.leastHeadWidth, heads.count * 2 >= leastBytes ?? Self.leastBytes else { return nil }
        let listCount = heads.count / headWidth
        var fronts: [BFloat16] = []
        fronts.reserveCapacity(listCount * Self.frontWidth)
        var (rests, norms): ([Float], [Float]) = ([], [])
        for list in 0..<listCount {
            let head = heads[(list * headWidth)..<((list + 1) * headWidth)]
            fronts += head.prefix(Self.frontWidth)
            rests.append(Self.norm(head.dropFirst(Self.frontWidth).lazy.map(\.float)))
            norms.append(Self.norm(head.lazy.map(\.float)))
        }
        (self.fronts, self.rests, self.norms, self.headWidth) = (fronts, rests, norms, headWidth)
    }

    static func residentBytes(listCount: Int, headWidth: Int) -> Int {
        let isUsed = headWidth >= leastHeadWidth && listCount * headWidth * 2 >= leastBytes
        return isUsed ? listCount * (frontWidth * 2 + 8) : 0
    }

    private static func norm(_ numbers: some Sequence<Float>) -> Float {
        numbers.reduce(0) { $0 + $1 * $1 }.squareRoot() * (1 + slack)
    }

    /// Buffers of a ranking, reused by the next.
    struct Room {
        fileprivate var parts: [Float]
        fileprivate var bounds: RankBounds
        fileprivate var keys: [UInt64] = []

        init(listCount: Int) {
            parts = [Float](repeating: 0, count: listCount)
            bounds = RankBounds(count: listCount)
        }
    }

    /// The `count` lists with the highest ranks, best first, ties by number; nil when too many may be among them.
    ///
    /// - Parameters:
    ///   - coordinates: of the query, at least `headWidth`.
    ///   - model: whose heads these are.
    ///   - spread: the query's weight for lists' spreads.
    ///   - scores: `[listCount]`: gets the inner products of the lists that are returned; others change too.
    func best(
        _ count: Int, for coordinates: [Float], heads: [BFloat16], spreads: [Float], spread: Float,
        scores: inout [Float], room: inout Room, helpers: WorkerPool?
    ) -> [UInt32]? {
        let mostNear = rests.count / Self.mostNear
        guard count > 0, count <= mostNear else { return nil }
        let query = coordinates.span.extracting(0..<headWidth)
        multiply(
            query.extracting(0..<Self.frontWidth), fronts.span, into: &room.parts, n: rests.count, pool: helpers)
        let rest = Self.norm(coordinates[Self.frontWidth..<headWidth])
        room.bounds.set(
            RankBounds.Terms(
                parts: room.parts, spreads: (spreads, spread), rests: (rests, rest),
                norms: (norms, Self.slack * Self.norm(coordinates[..<headWidth])),
                roundingOfSpreads: Self.slack * abs(spread)))
        let surest = placesOfLargest(count, of: room.bounds.lower, room: &room.keys)
        let near = room.bounds.reaching(room.bounds.lower[Int(surest[count - 1])])
        guard near.count <= mostNear else { return nil }

        var ranks: [Float] = []
        for list in near {
            let first = Int(list) * headWidth
            let score = innerProduct(query, heads.span.extracting(first..<(first + headWidth)))
            scores[Int(list)] = score
            ranks.append(score)
        }
        // By the same function as where all lists are ranked: a processor may round product and sum together.
        addScaled(ranks, near.map { spreads[Int($0)] }, times: spread, into: &ranks)
        return placesOfLargest(count, of: ranks).map { near[near.startIndex + Int($0)] }
    }
}
