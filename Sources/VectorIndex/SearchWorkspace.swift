internal import Core
internal import Kernels

/// Room that one search needs, kept for the next one. One owner at a time.
final class SearchWorkspace {
    let scanner: CodeScanner
    private let segments: Int
    /// The query's coordinates.
    var coordinates: [Float]
    var listScores: [Float]
    var nibbleWeights = [Float](repeating: 0, count: CodeLayout.nibblesPerSegment)
    /// Found candidates, in order of finding.
    var rows: [Int] = []
    var estimates: [Float] = []

    init?(_ model: IndexModel) {
        guard let scanner = CodeScanner(segments: model.segments) else { return nil }
        self.scanner = scanner
        coordinates = [Float](repeating: 0, count: model.width)
        listScores = [Float](repeating: 0, count: model.listCount)
        segments = model.segments
    }

    /// The emptied arrays of candidates, whose room the caller now owns.
    func takeCandidates() -> (rows: [Int], estimates: [Float]) {
        var taken: (rows: [Int], estimates: [Float]) = ([], [])
        swap(&taken.rows, &rows)
        swap(&taken.estimates, &estimates)
        taken.rows.removeAll(keepingCapacity: true)
        taken.estimates.removeAll(keepingCapacity: true)
        return taken
    }

    func fits(_ model: IndexModel) -> Bool {
        listScores.count == model.listCount && coordinates.count == model.width && segments == model.segments
    }
}

/// Inner products of `m` rows with the `n` rows of `matrix`.
func multiply(_ rows: Span<Float>, _ matrix: Span<BFloat16>, into products: inout [Float], m: Int = 1, n: Int? = nil) {
    let count = n ?? products.count
    var output = products.mutableSpan
    multiplyTransposed(rows, matrix, into: &output, m: m, n: count, k: rows.count / m)
}
