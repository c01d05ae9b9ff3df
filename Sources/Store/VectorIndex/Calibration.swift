/// Which plan reaches which recall, as measured with sample queries.
public struct Calibration: Hashable, Sendable {
    /// Where the queries came from. A measured recall says little about queries unlike those it was measured with.
    public enum Source: Hashable, Sendable, CaseIterable {
        /// Vectors of the partition itself, centred.
        case passages
        /// The model's query vectors of questions generated from passages.
        case prompts
        /// Given by the user who built the index.
        case questions
        /// Searches that were served.
        case searches

        /// For messages, after their number.
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
        /// The recall@10 to reach.
        public var target: Double
        /// The recall@10 that the plan reached in the calibration run.
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

    /// The entry of the lowest calibrated target that is at least `recall`; beyond all of them, the last.
    public func entry(for recall: Double) -> Entry? {
        entries.first { $0.target >= recall - 1e-9 } ?? entries.last
    }
}

/// As an index's manifest tells people and tools what was measured; searches use the binary copy in the partition.
extension Calibration.Entry: Codable {
    private enum CodingKeys: String, CodingKey { case target, measured, probes, margin }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            target: try values.decode(Double.self, forKey: .target),
            measured: try values.decode(Double.self, forKey: .measured),
            plan: SearchPlan(
                probes: try values.decode(Int.self, forKey: .probes),
                margin: Float(try values.decode(Double.self, forKey: .margin))))
    }

    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(target, forKey: .target)
        try values.encode(measured, forKey: .measured)
        try values.encode(plan.probes, forKey: .probes)
        try values.encode(Double(plan.margin), forKey: .margin)
    }
}
