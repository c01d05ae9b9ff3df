import Kernels

/// Keys (after RoPE) and values of one layer: `[tokens × h_k·d_h]` each.
struct KeyValues: Sendable {
    var keys: [Float] = []
    var values: [Float] = []

    /// Appends the rows of a projection, `stride` apart, in which keys stand at `keyColumn` and values right after them.
    mutating func append(_ rows: [Float], count: Int, stride: Int, keyColumn: Int, width: Int) {
        appendColumns(of: rows, rows: count, stride: stride, column: keyColumn, width: width, to: &keys)
        appendColumns(of: rows, rows: count, stride: stride, column: keyColumn + width, width: width, to: &values)
    }

    mutating func append(_ other: KeyValues) {
        keys += other.keys
        values += other.values
    }
}
