/// Latencies of recent requests in fixed memory: quantiles within 1/16 of the true value.
///
/// Buckets are 16 per power of two of microseconds. Two generations of counts are kept: the older is
/// dropped when the younger has `generationSize` samples, so that the quantiles follow the current load.
public struct LatencyHistogram: Sendable {
    /// Quantiles describe between one and two times this many of the latest samples.
    public static let generationSize = 1024
    /// 16 exact buckets, then 16 for each power of two up to 2^40 µs (13 days).
    private static let bucketCount = 16 * 38

    private var current = [UInt32](repeating: 0, count: bucketCount)
    private var previous = [UInt32](repeating: 0, count: bucketCount)
    private var currentCount = 0
    private var previousCount = 0

    public init() {}

    public mutating func record(_ duration: Duration) {
        let parts = duration.components
        // Clamped to a day first, so that no arithmetic below can overflow.
        let seconds = min(max(parts.seconds, 0), 86_400)
        record(microseconds: Int(seconds) * 1_000_000 + Int(max(0, parts.attoseconds) / 1_000_000_000_000))
    }

    public mutating func record(microseconds: Int) {
        if currentCount == Self.generationSize {
            swap(&current, &previous)
            previousCount = currentCount
            currentCount = 0
            for index in current.indices { current[index] = 0 }
        }
        current[Self.bucket(of: max(0, microseconds))] += 1
        currentCount += 1
    }

    /// The quantile (0…1) of the latest samples, in microseconds; 0 without samples.
    public func microseconds(atQuantile quantile: Double) -> Int {
        let total = currentCount + previousCount
        guard total > 0 else { return 0 }
        let rank = max(1, min(total, Int(Double(total) * quantile + 0.999_999)))
        var seen = 0
        for index in current.indices {
            seen += Int(current[index]) + Int(previous[index])
            if seen >= rank { return Self.upperBound(of: index) }
        }
        return Self.upperBound(of: Self.bucketCount - 1)
    }

    private static func bucket(of microseconds: Int) -> Int {
        guard microseconds >= 16 else { return microseconds }
        let exponent = Int.bitWidth - 1 - microseconds.leadingZeroBitCount
        let fraction = (microseconds >> (exponent - 4)) & 15
        return min(bucketCount - 1, 16 * (exponent - 3) + fraction)
    }

    /// The largest value that falls into a bucket.
    private static func upperBound(of bucket: Int) -> Int {
        guard bucket >= 16 else { return bucket }
        let exponent = bucket / 16 + 3
        let step = 1 << (exponent - 4)
        return (16 + bucket % 16) * step + step - 1
    }
}
