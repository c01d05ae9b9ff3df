public import Core
public import Kernels

/// Codes every vector of a source into its list.
public struct ListIndexBuilder: Sendable {
    private let source: any VectorSource
    private let pool: WorkerPool

    /// Vectors read and coded at a time.
    private static let batchRows = 4096

    public init(source: any VectorSource, pool: WorkerPool) {
        self.source = source
        self.pool = pool
    }

    /// The index of the rows below `end` that exist, and the mean relative error of its codes.
    ///
    /// - Parameter tick: called every few thousand vectors with the number of rows done; throws to stop.
    public func build(
        _ model: IndexModel, until end: Int, tick: (_ done: Int) throws(ImpRAGError) -> Void
    ) throws(ImpRAGError) -> (index: ListIndex, relativeError: Double) {
        let encoder = VectorEncoder(model)
        var pending = [PendingList](repeating: PendingList(), count: model.listCount)
        let codeBytes = model.codeSize.rawValue
        var (error, count) = (0.0, 0)
        for first in stride(from: 0, to: end, by: Self.batchRows) {
            let (rows, vectors) = try Self.read(source, from: first, until: min(first + Self.batchRows, end))
            let encoded = encoder.encode(vectors, pool: pool)
            error += encoded.relativeError * Double(rows.count)
            count += rows.count
            for (place, row) in rows.enumerated() {
                pending[Int(encoded.lists[place])].append(
                    row: row, scale: encoded.scales[place],
                    code: encoded.codes[(place * codeBytes)..<((place + 1) * codeBytes)])
            }
            try tick(min(first + Self.batchRows, end))
        }
        var index = ListIndex(model)
        for list in pending.indices {
            index.replace(list, with: pending[list].chunks(model.codeSize))
            // Only one list's codes are in memory twice.
            pending[list] = PendingList()
        }
        index.seal()
        return (index, error / Double(max(1, count)))
    }

    /// The rows in a range that exist, with their vectors widened to float32: `[rows.count × dimension]`.
    package static func read(
        _ source: any VectorSource, from first: Int, until end: Int
    ) throws(ImpRAGError) -> (rows: [Int], vectors: [Float]) {
        var rows: [Int] = []
        var vectors = [Float](repeating: 0, count: (end - first) * source.dimension)
        try source.scanVectors(from: first, until: end) { row, vector in
            widen(vector, into: &vectors, at: rows.count * source.dimension)
            rows.append(row)
            return true
        }
        vectors.removeLast(vectors.count - rows.count * source.dimension)
        return (rows, vectors)
    }
}

/// The codes of one list while it is being built or changed.
public struct PendingList: Sendable {
    public private(set) var rows: [UInt32] = []
    private var codes: [UInt8] = []
    private var scales: [BFloat16] = []

    public init() {}

    /// The vectors of `chunks` whose rows `keeps` accepts.
    public init(_ chunks: [CodeChunk], keeping keeps: (Int) -> Bool) {
        for chunk in chunks { chunk.append(codes: &codes, scales: &scales, rows: &rows, keeping: keeps) }
    }

    public mutating func append(row: Int, scale: BFloat16, code: ArraySlice<UInt8>) {
        rows.append(UInt32(row))
        scales.append(scale)
        codes += code
    }

    /// Packed into as few chunks as possible.
    public func chunks(_ size: CodeSize) -> [CodeChunk] {
        let codeBytes = size.rawValue
        return stride(from: 0, to: rows.count, by: CodeChunk.limit).map { first in
            let end = min(first + CodeChunk.limit, rows.count)
            return CodeChunk(
                codes: Array(codes[(first * codeBytes)..<(end * codeBytes)]), scales: Array(scales[first..<end]),
                rows: Array(rows[first..<end]), shape: size.shape)
        }
    }
}
