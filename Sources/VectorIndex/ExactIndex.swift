public import Core
internal import Kernels

/// Exact search: every query against every vector, in blocks, with the best `k` kept in a heap.
///
/// Vectors are bf16, sums float32. A score has the same bits whatever else is in the call, so searching one by one and
/// searching in a batch give the same hits.
public final class ExactIndex: VectorIndex {
    public let dimension: Int
    public let count: Int
    private let vectors: [BFloat16]

    /// Vectors scored before the deadline is looked at: about a millisecond of work for a batch of queries.
    private static let blockRows = 2048
    /// Queries scored together: bounds the scores in memory to `blockRows × queryBlock`.
    private static let queryBlock = 64

    /// - Parameter vectors: `[count × dimension]`, row-major, finite.
    /// - Throws: `invalidArgument` when the numbers are not whole rows, or one of them is not finite.
    public init(dimension: Int, vectors: [BFloat16]) throws(ImpRAGError) {
        guard dimension > 0, vectors.count % dimension == 0 else {
            throw ImpRAGError(.invalidArgument, "\(vectors.count) numbers are not rows of \(dimension)")
        }
        if let place = Self.firstNotFinite(vectors) {
            throw ImpRAGError(
                .dataLoss, "the vector of row \(place / dimension) holds a number that is not finite; index it again")
        }
        self.dimension = dimension
        self.vectors = vectors
        count = vectors.count / dimension
    }

    /// Memory that an index over `count` vectors of `dimension` numbers takes: to be asked before loading.
    public static func requiredBytes(count: Int, dimension: Int) -> ByteCount { ByteCount(count * dimension * 2) }

    public var residentBytes: ByteCount { Self.requiredBytes(count: count, dimension: dimension) }

    public func search(_ queries: [Float], k: Int, deadline: Deadline) throws(ImpRAGError) -> [[Hit]] {
        guard queries.count % dimension == 0 else {
            throw ImpRAGError(
                .invalidArgument, "the queries have \(queries.count) numbers; this index holds vectors of \(dimension)")
        }
        guard k >= 0 else { throw ImpRAGError(.invalidArgument, "k is \(k); it must be 0 or more") }
        if let place = queries.firstIndex(where: { !$0.isFinite }) {
            throw ImpRAGError(
                .invalidArgument,
                "query \(place / dimension) holds \(queries[place]) at index \(place % dimension); all must be finite")
        }
        var results: [[Hit]] = []
        results.reserveCapacity(queries.count / dimension)
        for start in stride(from: 0, to: queries.count, by: Self.queryBlock * dimension) {
            let end = min(start + Self.queryBlock * dimension, queries.count)
            results += try searchBlock(Array(queries[start..<end]), k: min(k, count), deadline: deadline)
        }
        return results
    }

    // MARK: Private

    /// The hits of at most `queryBlock` queries; `k` is at most `count`.
    private func searchBlock(_ queries: [Float], k: Int, deadline: Deadline) throws(ImpRAGError) -> [[Hit]] {
        let queryCount = queries.count / dimension
        guard k > 0 else { return [[Hit]](repeating: [], count: queryCount) }
        let vectors = vectors
        var best = [TopHits](repeating: TopHits(limit: k), count: queryCount)
        var scores = [Float](repeating: 0, count: queryCount * min(Self.blockRows, count))
        for firstRow in stride(from: 0, to: count, by: Self.blockRows) {
            try deadline.check("search")
            let rows = min(Self.blockRows, count - firstRow)
            if scores.count != queryCount * rows { scores = [Float](repeating: 0, count: queryCount * rows) }
            var output = scores.mutableSpan
            let all = vectors.span
            multiplyTransposed(
                queries.span, all.extracting((firstRow * dimension)..<((firstRow + rows) * dimension)),
                into: &output, m: queryCount, n: rows, k: dimension)
            for query in 0..<queryCount {
                try collect(
                    scores.span.extracting((query * rows)..<((query + 1) * rows)), firstRow: firstRow,
                    into: &best[query])
            }
        }
        return best.map { $0.sorted() }
    }

    /// Enters the scores of consecutive rows.
    private func collect(_ scores: Span<Float>, firstRow: Int, into best: inout TopHits) throws(ImpRAGError) {
        var threshold = best.threshold
        for index in scores.indices {
            let score = scores[index]
            // Rows come in ascending order, so an equal score is never better. A NaN (finite numbers whose products
            // overflow in both directions) fails the comparison and is looked at by itself.
            if score <= threshold, threshold > -.infinity { continue }
            guard !score.isNaN else {
                throw ImpRAGError(
                    .invalidArgument,
                    "the score of row \(firstRow + index) is not a number: the query's numbers are too large")
            }
            best.insert(Hit(row: firstRow + index, score: score))
            threshold = best.threshold
        }
    }

    /// The place of the first number that is infinite or NaN: its exponent bits are all ones.
    private static func firstNotFinite(_ vectors: [BFloat16]) -> Int? {
        let numbers = vectors.span
        let blockCount = 4096
        for start in stride(from: 0, to: numbers.count, by: blockCount) {
            // A loop without an exit inside, so that it becomes vector instructions.
            let places = start..<min(start + blockCount, numbers.count)
            var found: UInt16 = 0
            for place in places { found |= (numbers[place].bits & 0x7F80) == 0x7F80 ? 1 : 0 }
            if found != 0 {
                for place in places where numbers[place].bits & 0x7F80 == 0x7F80 { return place }
            }
        }
        return nil
    }
}
