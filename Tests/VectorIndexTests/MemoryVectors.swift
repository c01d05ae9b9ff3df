import Core

@testable import VectorIndex

/// Vectors in memory in the place of a partition; some of them may be gone.
struct MemoryVectors: VectorSource {
    let dimension: Int
    /// bf16, `[rows × dimension]`.
    let bits: [UInt16]
    var gone: Set<Int> = []

    /// - Parameter vectors: `[rows × dimension]`; rounded to bf16.
    init(dimension: Int, vectors: [Float]) {
        self.dimension = dimension
        bits = vectors.map { BFloat16($0).bits }
    }

    var rowLimit: Int { bits.count / dimension }

    /// Every row that is not gone.
    var live: RowSet {
        var rows = RowSet()
        for row in 0..<rowLimit where !gone.contains(row) { rows.insert(row) }
        return rows
    }

    /// All vectors as rows that no list holds.
    var flat: FlatRows {
        var flat = FlatRows(dimension: dimension)
        // In two blocks, as after two updates.
        for rows in [0..<rowLimit / 3, rowLimit / 3..<rowLimit] {
            let numbers = bits[(rows.lowerBound * dimension)..<(rows.upperBound * dimension)]
            flat.append(rows: Array(rows), vectors: numbers.map { BFloat16(bits: $0) })
        }
        return flat
    }

    /// All vectors, as a small partition keeps them.
    var kept: KeptVectors {
        var kept = KeptVectors(dimension: dimension)
        kept.append(rows: Array(0..<rowLimit), vectors: bits.map { BFloat16(bits: $0) })
        return kept
    }

    func scanVectors(
        from first: Int, until end: Int, _ body: (_ row: Int, _ vector: RawSpan) -> Bool
    ) throws(ImpRAGError) {
        for row in max(0, first)..<max(0, first, min(end, rowLimit)) where !gone.contains(row) {
            let numbers = bits.span
            guard unsafe body(row, numbers.extracting((row * dimension)..<((row + 1) * dimension)).bytes) else {
                return
            }
        }
    }

    func withVectors(rows: [Int], _ body: (_ place: Int, _ vector: RawSpan) -> Void) throws(ImpRAGError) {
        for (place, row) in rows.enumerated() where row < rowLimit && !gone.contains(row) {
            let numbers = bits.span
            unsafe body(place, numbers.extracting((row * dimension)..<((row + 1) * dimension)).bytes)
        }
    }
}
