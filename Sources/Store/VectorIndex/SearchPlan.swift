/// How much work a search does.
public struct SearchPlan: Hashable, Sendable {
    /// Lists that are scanned.
    public var probes: Int
    /// How far below the k-th best estimate a vector may be and still be rescored exactly, in standard deviations of the
    /// estimate's error.
    public var margin: Float
    /// Vectors that are rescored, at most; nil leaves that to `margin`.
    public var candidates: Int?

    public init(probes: Int, margin: Float, candidates: Int? = nil) {
        self.probes = probes
        self.margin = margin
        self.candidates = candidates
    }
}
