/// Results of a recall meter, which reruns sampled searches exactly.
public struct RecallFigures: Hashable, Sendable {
    /// The mean share of the exact best `k` that the searches had found, 0 to 1.
    public var mean: Double
    public var k: Int
    /// Searches that were compared.
    public var samples: Int

    public init(mean: Double, k: Int, samples: Int) {
        self.mean = mean
        self.k = k
        self.samples = samples
    }
}
