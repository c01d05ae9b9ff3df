/// How much work a search does.
public struct SearchPlan: Hashable, Sendable {
    /// Lists to scan (nprobe).
    public var probes: Int
    /// How far below the k-th best estimate a vector is still rescored, in standard deviations of the estimate's error.
    public var margin: Float
    /// The most vectors to rescore; nil leaves that to `margin`.
    public var candidates: Int?

    public init(probes: Int, margin: Float, candidates: Int? = nil) {
        self.probes = probes
        self.margin = margin
        self.candidates = candidates
    }
}
