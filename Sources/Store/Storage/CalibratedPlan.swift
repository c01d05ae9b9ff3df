/// Which search effort reached which recall@10 when a partition's vector index was calibrated; for people and tools.
/// Searches use the copy in the partition, which later calibrations replace.
public struct CalibratedPlan: Sendable, Equatable, Codable {
    public var target: Double
    public var measured: Double
    /// Lists scanned.
    public var probes: Int
    /// How far below the k-th best estimate candidates are rescored, in standard deviations of an estimate's error.
    public var margin: Double

    public init(target: Double, measured: Double, probes: Int, margin: Double) {
        self.target = target
        self.measured = measured
        self.probes = probes
        self.margin = margin
    }
}
