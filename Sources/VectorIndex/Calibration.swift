/// Which plan reaches which recall, as measured at build time with vectors of the partition itself as queries.
public struct Calibration: Hashable, Sendable, Codable {
    public struct Entry: Hashable, Sendable, Codable {
        /// Recall@10 that was aimed at.
        public var target: Double
        /// Recall@10 that the plan had in the calibration run.
        public var measured: Double
        public var plan: SearchPlan

        public init(target: Double, measured: Double, plan: SearchPlan) {
            self.target = target
            self.measured = measured
            self.plan = plan
        }
    }

    /// By ascending target.
    public var entries: [Entry]
    /// Vectors that were used as queries.
    public var queries: Int

    public init(entries: [Entry], queries: Int) {
        self.entries = entries
        self.queries = queries
    }

    public static let targets = [0.8, 0.9, 0.95, 0.98, 0.985, 0.99, 0.995, 0.999]
    public static let k = 10

    /// The plan for a target recall: that of the lowest calibrated target that is not below it.
    public func entry(for recall: Double) -> Entry? {
        entries.first { $0.target >= recall - 1e-9 } ?? entries.last
    }
}
