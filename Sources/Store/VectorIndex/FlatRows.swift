public import Core
internal import Kernels

/// Full vectors in memory, of rows that are in no list yet. Copies share their blocks.
public struct FlatRows: Sendable {
    /// Rows that were added together.
    struct Block: Sendable {
        let rows: [Int]
        /// `[rows.count × dimension]`.
        let vectors: [BFloat16]
    }

    public let dimension: Int
    private(set) var blocks: [Block] = []
    /// Rows, dead ones included.
    public private(set) var count = 0

    public init(dimension: Int) {
        self.dimension = dimension
    }

    public var residentBytes: ByteCount { Self.residentBytes(count: count, dimension: dimension) }

    public static func residentBytes(count: Int, dimension: Int) -> ByteCount { ByteCount(count * (dimension * 2 + 8)) }

    /// - Parameter vectors: `[rows.count × dimension]`.
    public mutating func append(rows: [Int], vectors: [BFloat16]) {
        precondition(vectors.count == rows.count * dimension, "\(vectors.count) numbers for \(rows.count) rows")
        guard !rows.isEmpty else { return }
        blocks.append(Block(rows: rows, vectors: vectors))
        count += rows.count
    }

    /// Without the rows below `row`.
    public func dropping(below row: Int) -> FlatRows {
        var rest = FlatRows(dimension: dimension)
        for block in blocks {
            if block.rows.allSatisfy({ $0 >= row }) {
                rest.append(rows: block.rows, vectors: block.vectors)
                continue
            }
            let kept = block.rows.indices.filter { block.rows[$0] >= row }
            rest.append(
                rows: kept.map { block.rows[$0] },
                vectors: kept.flatMap { block.vectors[($0 * dimension)..<(($0 + 1) * dimension)] })
        }
        return rest
    }

    /// Only the rows of `live`.
    public func keeping(_ live: RowSet) -> FlatRows {
        var rest = FlatRows(dimension: dimension)
        for block in blocks {
            let kept = block.rows.indices.filter { live.contains(block.rows[$0]) }
            if kept.count == block.rows.count {
                rest.append(rows: block.rows, vectors: block.vectors)
                continue
            }
            rest.append(
                rows: kept.map { block.rows[$0] },
                vectors: kept.flatMap { block.vectors[($0 * dimension)..<(($0 + 1) * dimension)] })
        }
        return rest
    }

    /// The rows that are in `live`, with their vectors widened to float32: `[rows.count × dimension]`.
    public func rows(in live: RowSet) -> (rows: [Int], vectors: [Float]) {
        var (rows, vectors): ([Int], [Float]) = ([], [])
        for block in blocks {
            for (place, row) in block.rows.enumerated() where live.contains(row) {
                rows.append(row)
                for number in block.vectors[(place * dimension)..<((place + 1) * dimension)] {
                    vectors.append(number.float)
                }
            }
        }
        return (rows, vectors)
    }

    /// The rows below `end` that are not in `live`.
    public func deadRows(below end: Int, live: RowSet) -> [Int] {
        blocks.flatMap { $0.rows.filter { $0 < end && !live.contains($0) } }
    }

    /// Scores every row of `allowed` exactly.
    ///
    /// - Parameter query: `[dimension]`.
    func search(_ query: [Float], allowed: RowSet, into best: inout TopHits) {
        var scores: [Float] = []
        for block in blocks {
            if scores.count != block.rows.count { scores = [Float](repeating: 0, count: block.rows.count) }
            multiply(query.span, block.vectors.span, into: &scores)
            for (place, row) in block.rows.enumerated() where allowed.contains(row) {
                best.enter(row: row, score: scores[place])
            }
        }
    }
}
