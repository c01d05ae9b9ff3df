/// A histogram at one moment.
public struct HistogramFigures: Hashable, Sendable {
    /// The most buckets that a histogram may have, including the last.
    public static let bucketLimit = 256

    /// The upper bounds of the buckets, inclusive, positive and ascending.
    public let bounds: [Double]
    /// Cumulative: for each bound, how many values are at most that large; then, how many there are.
    public let counts: [Int]
    /// The sum of all values.
    public let sum: Double

    /// Nil unless the bounds are positive and ascend, the counts are one more and never descend, and the sum is finite
    /// and not negative.
    public init?(bounds: [Double], counts: [Int], sum: Double) {
        guard counts.count == bounds.count + 1, counts.count <= Self.bucketLimit, counts[0] >= 0,
            (bounds.first ?? 1) > 0, bounds.allSatisfy(\.isFinite), sum.isFinite, sum >= 0,
            zip(bounds, bounds.dropFirst()).allSatisfy({ $0 < $1 }),
            zip(counts, counts.dropFirst()).allSatisfy({ $0 <= $1 })
        else { return nil }
        (self.bounds, self.counts, self.sum) = (bounds, counts, sum)
    }

    /// - Parameter bucketCounts: per bucket, not cumulative.
    init(bounds: [Double], bucketCounts: [Int], sum: Double) {
        var total = 0
        counts = bucketCounts.map { count in
            total += count
            return total
        }
        (self.bounds, self.sum) = (bounds, sum)
    }

    /// How many values there are.
    public var count: Int { counts.last ?? 0 }

    /// An estimate of a quantile (0…1): linear within its bucket, so off by less than that bucket's width. Values
    /// beyond the last bound count as that bound. Nil without values.
    public func quantile(_ quantile: Double) -> Double? {
        guard count > 0 else { return nil }
        let rank = min(max(Double(count) * quantile, 0), Double(count))
        guard let bucket = counts.firstIndex(where: { Double($0) >= max(rank, 1) }) else { return nil }
        let lower = bucket == 0 ? 0 : bounds[bucket - 1]
        guard bucket < bounds.count else { return lower }
        let before = bucket == 0 ? 0 : counts[bucket - 1]
        let share = max(0, rank - Double(before)) / Double(counts[bucket] - before)
        return lower + (bounds[bucket] - lower) * share
    }
}
