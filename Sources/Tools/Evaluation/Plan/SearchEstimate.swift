internal import Foundation
public import VectorIndex

/// What one search costs in one partition.
public struct SearchEstimate: Sendable {
    /// Lists probed, codes scanned, vectors rescored.
    public let probes: Double
    public let scanned: Double
    public let rescored: Double
    /// Processor time of one core, for the search alone.
    public let seconds: Double

    /// The same with the passages that are found: each partition of a shard reads and sends its own.
    public var servedSeconds: Double {
        seconds + PlanConstants.hits.value * PlanConstants.passageTime.value * 1e-6
    }

    /// - Parameters:
    ///   - rows: of the partition.
    ///   - recall: that searches aim at.
    ///   - codeSize: nil for the usual one.
    public init(rows: Int, dimension: Int, recall: Double, codeSize: CodeSize? = nil) {
        let lists = Double(IndexModel.listCount(for: rows))
        let effort = Self.effort(for: recall)
        let grown = effort.probes * pow(Double(rows) / 250_000, effort.exponent)
        probes = min(grown, lists)
        scanned = min(Double(rows), probes * Double(rows) / lists * PlanConstants.scannedShare.value)
        let size = codeSize ?? .usual(dimension: dimension)
        let (isShort, isCached) = (size == .bytes32, rows * size.rawValue <= 32 << 20)
        rescored = min(effort.rescored * (isShort ? PlanConstants.shortCodeRescored.value : 1), Double(rows))
        // 64 bytes of a longer code are scanned first, however long it is.
        let code =
            (isCached ? PlanConstants.cachedCodeTime : PlanConstants.codeTime).value
            * (isShort ? PlanConstants.shortCodeTime.value : 1)
        seconds =
            lists * PlanConstants.listTime.value * 1e-9 + scanned * code * 1e-9
            + rescored * PlanConstants.rescoreTime.value * 1e-6
    }

    /// Between two measured recalls, on a scale of what may be missed.
    private static func effort(for recall: Double) -> PlanConstants.Effort {
        let efforts = PlanConstants.efforts
        guard let upper = efforts.firstIndex(where: { $0.recall >= recall }) else { return efforts[efforts.count - 1] }
        guard upper > 0 else { return efforts[0] }
        let (low, high) = (efforts[upper - 1], efforts[upper])
        func scale(_ recall: Double) -> Double { -log(1 - recall) }
        let part = (scale(recall) - scale(low.recall)) / (scale(high.recall) - scale(low.recall))
        func between(_ low: Double, _ high: Double) -> Double { low + part * (high - low) }
        return PlanConstants.Effort(
            recall: recall, probes: exp(between(log(low.probes), log(high.probes))),
            exponent: between(low.exponent, high.exponent), rescored: between(low.rescored, high.rescored))
    }
}
