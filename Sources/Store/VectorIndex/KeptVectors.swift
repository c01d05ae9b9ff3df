public import Core
internal import Kernels

/// The full vectors of a small partition with lists, in memory, so that candidates are scored without reading the disk.
/// Copies share their chunks.
public struct KeptVectors: Sendable {
    public let dimension: Int
    /// The vectors of `chunkRows` rows that follow each other, `[chunkRows × dimension]`, or nothing.
    private var chunks: [[BFloat16]] = []
    private var held = RowSet()

    /// The most that a partition keeps: 32,768 vectors of 1024 numbers.
    public static let limit = ByteCount(64 << 20)
    private static let chunkRows = 256

    public init(dimension: Int) {
        self.dimension = dimension
    }

    /// Memory for rows below `rowLimit`, dead ones included.
    public static func requiredBytes(rowLimit: Int, dimension: Int) -> ByteCount {
        let chunks = (rowLimit + chunkRows - 1) / chunkRows
        return ByteCount.product(chunks, chunkRows * dimension * 2 + chunkRows / 8)
    }

    public var residentBytes: ByteCount {
        ByteCount(chunks.reduce(held.words.count * 8) { $0 + $1.count * 2 })
    }

    /// - Parameters:
    ///   - rows: ascending.
    ///   - vectors: `[rows.count × dimension]`.
    public mutating func append(rows: [Int], vectors: [BFloat16]) {
        precondition(vectors.count == rows.count * dimension, "\(vectors.count) numbers for \(rows.count) rows")
        for (place, row) in rows.enumerated() {
            let (chunk, first) = (row / Self.chunkRows, row % Self.chunkRows * dimension)
            while chunks.count <= chunk { chunks.append([]) }
            if chunks[chunk].isEmpty {
                chunks[chunk] = [BFloat16](repeating: BFloat16(bits: 0), count: Self.chunkRows * dimension)
            }
            chunks[chunk].replaceSubrange(
                first..<(first + dimension), with: vectors[(place * dimension)..<((place + 1) * dimension)])
            held.insert(row)
        }
    }

    /// The exact score of a row; nil for one that is not here.
    func score(_ query: Span<Float>, row: Int) -> Float? {
        guard held.contains(row) else { return nil }
        let first = row % Self.chunkRows * dimension
        let chunk = chunks[row / Self.chunkRows]
        return innerProduct(query, chunk.span.extracting(first..<(first + dimension)))
    }

    /// Hands the vectors of the rows in `rows` that are here to `body`, in ascending order, until it returns false.
    func scan(_ rows: Range<Int>, _ body: (_ row: Int, _ vector: ArraySlice<BFloat16>) -> Bool) {
        for row in rows.clamped(to: 0..<(chunks.count * Self.chunkRows)) where held.contains(row) {
            let first = row % Self.chunkRows * dimension
            guard body(row, chunks[row / Self.chunkRows][first..<(first + dimension)]) else { return }
        }
    }
}
