/// Search settings of one request; a nil field means the shard's default.
public struct SearchOptions: Hashable, Sendable {
    /// Compare with every passage instead of asking the approximate index.
    public var isExact: Bool
    /// The recall@10 that the calibrated knobs aim at, 0.5 to 0.999.
    public var recall: Double?
    /// Overrides what `recall` maps to: lists to scan (nprobe).
    public var probes: Int?
    /// Overrides what `recall` maps to: the most candidates to rescore exactly.
    public var candidates: Int?
    /// Restricts the search to matching passages.
    public var filter: Filter?
    /// Searches only what has applied this epoch of the log, as an update's reply names it: each shard waits for that
    /// within the deadline. 0: no wait.
    public var minEpoch: Int

    public static let recallRange = 0.5...0.999
    public static let probesRange = 1...1_000_000
    public static let candidatesRange = 1...1_000_000
    public static let minEpochRange = 0...(1 << 62)

    public init(
        isExact: Bool = false, recall: Double? = nil, probes: Int? = nil, candidates: Int? = nil, filter: Filter? = nil,
        minEpoch: Int = 0
    ) {
        self.isExact = isExact
        self.recall = recall
        self.probes = probes
        self.candidates = candidates
        self.filter = filter
        self.minEpoch = minEpoch
    }

    /// Throws `invalidArgument` with everything that is out of range.
    public func validate() throws(ImpRAGError) {
        var problems: [String] = []
        if let recall, !Self.recallRange.contains(recall) {
            problems.append(
                "recall is \(recall); \(Self.recallRange.lowerBound) to \(Self.recallRange.upperBound) is allowed")
        }
        if let probes, !Self.probesRange.contains(probes) {
            problems.append("probes is \(probes); 1 to \(Self.probesRange.upperBound) is allowed")
        }
        if let candidates, !Self.candidatesRange.contains(candidates) {
            problems.append("candidates is \(candidates); 1 to \(Self.candidatesRange.upperBound) is allowed")
        }
        if !Self.minEpochRange.contains(minEpoch) {
            problems.append("min_epoch is \(minEpoch); 0 to \(Self.minEpochRange.upperBound) is allowed")
        }
        guard problems.isEmpty else { throw ImpRAGError(.invalidArgument, problems.joined(separator: "; ")) }
        try filter?.validate()
    }
}
