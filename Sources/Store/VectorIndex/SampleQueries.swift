/// Queries like those to come, for a calibration.
public struct SampleQueries: Hashable, Sendable {
    /// `[n × dimension]`, finite.
    public var vectors: [Float]
    public var source: Calibration.Source

    public init(vectors: [Float], source: Calibration.Source) {
        self.vectors = vectors
        self.source = source
    }

    /// The most queries that a calibration uses; recall is then known to about ±0.004 at 0.95.
    public static let limit = 400
    /// Fewer are not significant.
    public static let least = 50
}
