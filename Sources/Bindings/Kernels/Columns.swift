/// Appends `width` numbers from column `column` of each row, rows `stride` apart, to `numbers`.
public func appendColumns(
    of rows: [Float], rows count: Int, stride: Int, column: Int, width: Int, to numbers: inout [Float]
) {
    precondition(
        column >= 0 && column + width <= stride && rows.count >= count * stride,
        "\(count) rows of \(stride) numbers do not fit \(rows.count)")
    unsafe rows.withUnsafeBufferPointer { rows in
        for row in 0..<count {
            let first = row * stride + column
            // A slice of an array would cost more than the copy.
            unsafe numbers.append(contentsOf: UnsafeBufferPointer(rebasing: rows[first..<first + width]))
        }
    }
}
