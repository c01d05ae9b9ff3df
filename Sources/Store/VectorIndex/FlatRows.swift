public import Core
internal import Kernels

/// Vectors in memory, of rows that are in no list: in full, and as the codes of a first pass that leaves few of them to
/// be scored exactly. Copies share their blocks.
public struct FlatRows: Sendable {
    public let dimension: Int
    private(set) var blocks: [FlatBlock] = []
    /// Rows, dead ones included.
    public private(set) var count = 0

    /// Blocks of updates are merged up to so many rows.
    private static let mergedRows = 256
    /// Fewer rows have no mean worth the name.
    private static let centredRows = 64
    /// Fewer products of numbers are not worth a helper: some ten microseconds.
    private static let productsWorthSharing = 1 << 19

    public init(dimension: Int) {
        self.dimension = dimension
    }

    public var residentBytes: ByteCount { Self.residentBytes(count: count, dimension: dimension) }

    public static func residentBytes(count: Int, dimension: Int) -> ByteCount {
        ByteCount(FlatBlock.byteCount(count: count, dimension: dimension))
    }

    /// - Parameters:
    ///   - rows: ascending.
    ///   - vectors: `[rows.count × dimension]`.
    public mutating func append(rows: [Int], vectors: [BFloat16]) {
        precondition(vectors.count == rows.count * dimension, "\(vectors.count) numbers for \(rows.count) rows")
        guard !rows.isEmpty else { return }
        count += rows.count
        var (rows, vectors) = (rows.map { UInt32($0) }, vectors)
        // As a binary counter counts, so that a row is moved a few times and there are few blocks.
        while let last = blocks.last, last.count < 2 * rows.count, last.count + rows.count <= Self.mergedRows {
            rows = last.rows + rows
            vectors = last.vectors(0..<last.count) + vectors
            blocks.removeLast()
        }
        add(rows, vectors)
    }

    private mutating func add(_ rows: [UInt32], _ vectors: [BFloat16]) {
        var centre = blocks.first?.centre
        if centre == nil || blocks.first?.count ?? 0 < Self.centredRows, rows.count >= Self.centredRows {
            centre = FlatCentre(of: vectors, dimension: dimension)
        }
        blocks.append(
            FlatBlock(
                rows: rows, vectors: vectors, dimension: dimension,
                centre: centre ?? FlatCentre(of: [], dimension: dimension)))
    }

    /// Without the rows below `row`.
    public func dropping(below row: Int) -> FlatRows { keeping { $0 >= row } }

    /// Only the rows of `live`.
    public func keeping(_ live: RowSet) -> FlatRows { keeping { live.contains($0) } }

    private func keeping(_ isKept: (Int) -> Bool) -> FlatRows {
        var rest = FlatRows(dimension: dimension)
        for block in blocks {
            let kept = block.rows.indices.filter { isKept(Int(block.rows[$0])) }
            if kept.count == block.count {
                rest.blocks.append(block)
                rest.count += block.count
            } else {
                rest.append(rows: kept.map { Int(block.rows[$0]) }, vectors: block.vectors(kept))
            }
        }
        return rest
    }

    /// The rows that are in `live`, with their vectors widened to float32: `[rows.count × dimension]`.
    public func rows(in live: RowSet) -> (rows: [Int], vectors: [Float]) {
        var (rows, vectors): ([Int], [Float]) = ([], [])
        for block in blocks {
            let kept = block.rows.indices.filter { live.contains(Int(block.rows[$0])) }
            rows += kept.map { Int(block.rows[$0]) }
            vectors += block.vectors(kept).map(\.float)
        }
        return (rows, vectors)
    }

    /// The rows below `end` that are not in `live`.
    public func deadRows(below end: Int, live: RowSet) -> [Int] {
        blocks.flatMap { $0.rows.lazy.map { Int($0) }.filter { $0 < end && !live.contains($0) } }
    }

    /// The best rows of `allowed` for each query, by their exact scores.
    ///
    /// - Parameters:
    ///   - queries: `[count × dimension]`.
    ///   - limit: how many of the best are wanted; at least 1.
    ///   - helpers: threads that share the rows.
    func search(
        _ queries: [Float], count: Int, limit: Int, allowed: RowSet, scanners: [FlatScanner], helpers: WorkerPool?
    ) -> [TopHits] {
        var best = [TopHits](repeating: TopHits(limit: limit), count: count)
        let choices = blocks.map { $0.allowed(allowed) }
        let isWorth = self.count * dimension * count >= Self.productsWorthSharing
        let parts = min(scanners.count, isWorth ? helpers?.threadCount ?? 1 : 1)
        let shared = Shared(scanners: scanners)
        @Sendable func scan(_ part: Int) {
            let scanner = shared.scanners[part]
            scanner.begin(queries, count: count, dimension: dimension, k: limit)
            // Every block is divided, so that a part has the same rows each time, in its processor's own cache.
            for (block, choice) in zip(blocks, choices) where choice.count > 0 {
                let panels = block.panelCount
                scanner.scan(block, panels: (panels * part / parts)..<(panels * (part + 1) / parts), allowed: choice)
            }
        }
        if let helpers, parts > 1 { helpers.run(parts, scan) } else { for part in 0..<parts { scan(part) } }
        for scanner in scanners.prefix(parts) {
            for query in 0..<count {
                scanner.score(query, threshold: best[query].threshold) { row, score in
                    best[query].enter(row: row, score: score)
                    return best[query].threshold
                }
            }
        }
        return best
    }

    /// Shares scanners among threads: each uses one of its own.
    private struct Shared: @unchecked Sendable {
        let scanners: [FlatScanner]
    }
}
