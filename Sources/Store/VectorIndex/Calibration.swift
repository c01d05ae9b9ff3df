/// Which plan reaches which recall, as measured with sample queries.
public struct Calibration: Hashable, Sendable {
    /// Where the queries came from. The less they are like those to come, the less a measured recall says about theirs.
    public enum Source: Hashable, Sendable, CaseIterable {
        /// Vectors of the partition itself, less their mean.
        case passages
        /// What the model makes of questions worded from passages' texts.
        case prompts
        /// Given by whoever made the index.
        case questions
        /// Searches that came.
        case searches

        /// For people, after a number of them.
        public var words: String {
            switch self {
            case .passages: "passages' vectors"
            case .prompts: "questions made from passages"
            case .questions: "given questions"
            case .searches: "searches that came"
            }
        }
    }

    public struct Entry: Hashable, Sendable {
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
    /// Number of queries.
    public var queries: Int
    public var source: Source

    public init(entries: [Entry], queries: Int, source: Source) {
        self.entries = entries
        self.queries = queries
        self.source = source
    }

    public static let targets = [0.8, 0.9, 0.95, 0.98, 0.985, 0.99, 0.995, 0.999]
    public static let k = 10

    /// The plan for a target recall: that of the lowest calibrated target that is not below it.
    public func entry(for recall: Double) -> Entry? {
        entries.first { $0.target >= recall - 1e-9 } ?? entries.last
    }
}
