internal import Core

/// The mean over questions, with an interval by resampling the questions.
///
/// Source: Efron & Tibshirani, "An Introduction to the Bootstrap" (1993), percentile intervals.
public struct MeanInterval: Sendable, Equatable {
    public let mean: Double
    /// The ends of the interval that holds 95 % of the resampled means.
    public let low: Double
    public let high: Double

    /// - Parameter values: one for each question; without any, all is 0.
    public init(_ values: [Double], resamples: Int = 1_000) {
        mean = average(values)
        let means = resampledMeans(values, resamples).sorted()
        low = percentile(means, 0.025)
        high = percentile(means, 0.975)
    }
}

/// Two systems' values for the same questions.
public struct PairedComparison: Sendable, Equatable {
    public let questions: Int
    public let first: Double
    public let second: Double
    /// Second less first, with the interval of the resampled differences.
    public let difference: MeanInterval
    /// Two-sided: how often chance alone makes a difference as large as this one, were there none.
    public let p: Double
    /// Questions at which the second is better, equal, worse.
    public let wins: Int
    public let ties: Int
    public let losses: Int

    /// - Parameters:
    ///   - first: one value for each question.
    ///   - second: of the same questions in the same order.
    public init(first: [Double], second: [Double], resamples: Int = 10_000) {
        precondition(first.count == second.count, "\(first.count) values beside \(second.count)")
        let differences = zip(first, second).map { $1 - $0 }
        questions = differences.count
        self.first = average(first)
        self.second = average(second)
        difference = MeanInterval(differences, resamples: resamples)
        // The resampled means around their own centre are what chance alone makes of these differences. The one added
        // above and below is the sample itself, so that p is never 0. Sums in another order differ in their last bits.
        let observed = difference.mean
        let extreme = resampledMeans(differences, resamples).count { abs($0 - observed) >= abs(observed) - 1e-12 }
        p = differences.isEmpty ? 1 : Double(extreme + 1) / Double(resamples + 1)
        wins = differences.count { $0 > 0 }
        losses = differences.count { $0 < 0 }
        ties = differences.count - wins - losses
    }
}

private func average(_ values: [Double]) -> Double {
    values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
}

/// The same values always give the same means: the seed is fixed.
private func resampledMeans(_ values: [Double], _ resamples: Int) -> [Double] {
    guard !values.isEmpty else { return [] }
    var random = SplitMix64(seed: 1)
    return (0..<resamples).map { _ in
        var sum = 0.0
        for _ in values { sum += values[Int.random(in: 0..<values.count, using: &random)] }
        return sum / Double(values.count)
    }
}

/// - Parameter sorted: ascending.
private func percentile(_ sorted: [Double], _ share: Double) -> Double {
    guard let last = sorted.last else { return 0 }
    let place = share * Double(sorted.count - 1)
    let below = Int(place)
    return below + 1 < sorted.count
        ? sorted[below] + (place - Double(below)) * (sorted[below + 1] - sorted[below]) : last
}
