/// Which effort of a search reached which recall@10 in the calibration run of a partition's vector index; for people and tools.
/// Searches use the copy in the partition, which later runs replace.
public struct CalibratedPlan: Sendable, Equatable, Codable {
    public var target: Double
    public var measured: Double
    /// Lists scanned.
    public var probes: Int
    /// Standard deviations of an estimate's error within which candidates are rescored.
    public var margin: Double

    public init(target: Double, measured: Double, probes: Int, margin: Double) {
        self.target = target
        self.measured = measured
        self.probes = probes
        self.margin = margin
    }
}
