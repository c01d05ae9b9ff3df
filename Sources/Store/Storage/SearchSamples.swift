internal import Core
internal import VectorIndex

/// What a recall meter has measured of a partition's searches: their recall, and the queries of the latest.
struct SearchSamples: Sendable {
    /// Recall of the latest searches, as a ring, and its next position.
    private var shares: [Double] = []
    private var nextShare = 0
    /// Queries of the latest searches, as a ring, and its next position.
    private var vectors: [Float] = []
    private var nextQuery = 0
    /// Searches measured since the last calibration.
    private(set) var count = 0

    /// The mean is over at most so many searches.
    private static let window = 1000

    /// Nil while nothing was measured.
    var mean: Double? { shares.isEmpty ? nil : shares.reduce(0, +) / Double(shares.count) }

    /// Whether the mean is significantly below `limit`, by three standard errors.
    func areBelow(_ limit: Double) -> Bool {
        guard count >= SampleQueries.least, let mean else { return false }
        let squares = shares.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        let error = squares.squareRoot() / Double(shares.count)
        return mean + 3 * error < limit
    }

    var queries: SampleQueries { SampleQueries(vectors: vectors, source: .searches) }

    mutating func add(_ query: [Float], share: Double) {
        if shares.count < Self.window { shares.append(share) } else { shares[nextShare] = share }
        nextShare = (nextShare + 1) % Self.window
        count += 1
        if vectors.count < SampleQueries.limit * query.count {
            vectors += query
        } else {
            vectors.replaceSubrange((nextQuery * query.count)..<((nextQuery + 1) * query.count), with: query)
        }
        nextQuery = (nextQuery + 1) % SampleQueries.limit
    }

    /// Forgets the measurements, as searches get another effort. Their queries are kept.
    mutating func restart() {
        shares = []
        nextShare = 0
        count = 0
    }
}
