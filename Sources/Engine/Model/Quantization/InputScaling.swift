import Foundation

/// What matrices are multiplied with, column by column, and the norms and rows before them divided by, so that a few
/// large inputs leave the others digits when rows are rounded to bytes (SmoothQuant, Xiao et al., ICML 2023).
///
/// All are powers of two: what is computed changes by rounding alone.
struct InputScaling: Sendable {
    /// By the tensors' names: of a matrix's columns, of its rows, and of the numbers of a norm or a bias.
    private var columns: [String: [Float]] = [:]
    private var rows: [String: [Float]] = [:]
    private var vectors: [String: [Float]] = [:]

    /// The share that an input's magnitude has in its factor; the rest is its weights'. With 0.8, 4 bits lose more
    /// than bytes gain.
    private static let inputShare: Float = 0.5
    private static let exponentLimit: Float = 6

    /// Divides what enters `matrices` by `factors`, in the norm before them.
    mutating func add(_ factors: [Float], to matrices: [Architecture.Tensor], after norm: Architecture.Tensor?) {
        for matrix in matrices { columns[matrix.name] = factors }
        if let norm { vectors[norm.name] = factors.map { 1 / $0 } }
    }

    /// Divides what enters `matrix` by `factors`, in the rows and the bias of the matrix that makes it.
    mutating func add(
        _ factors: [Float], to matrix: Architecture.Tensor, after previous: Architecture.Tensor,
        bias: Architecture.Tensor?
    ) {
        columns[matrix.name] = factors
        rows[previous.name] = factors.map { 1 / $0 }
        if let bias { vectors[bias.name] = factors.map { 1 / $0 } }
    }

    /// One power of two for each column, 1 on average: of the inputs' largest magnitudes over the weights'.
    ///
    /// - Parameters:
    ///   - inputs: `[rows × columnCount]`.
    ///   - weights: matrices of as many columns.
    static func factors(inputs: [Float], weights: [[Float]], columnCount: Int) -> [Float] {
        let ofInputs = magnitudes([inputs], columnCount)
        let ofWeights = magnitudes(weights, columnCount)
        let known = (0..<columnCount).filter { ofInputs[$0].isNormal && ofWeights[$0].isNormal }
        var exponents = [Float](repeating: 0, count: columnCount)
        for column in known {
            exponents[column] = inputShare * log2(ofInputs[column]) - (1 - inputShare) * log2(ofWeights[column])
        }
        let mean = exponents.reduce(0, +) / Float(max(1, known.count))
        for column in known {
            exponents[column] = min(max((exponents[column] - mean).rounded(), -exponentLimit), exponentLimit)
        }
        return exponents.map { exp2($0) }
    }

    /// The largest of each column.
    private static func magnitudes(_ matrices: [[Float]], _ columnCount: Int) -> [Float] {
        var largest = [Float](repeating: 0, count: columnCount)
        for matrix in matrices {
            for first in stride(from: 0, to: matrix.count, by: columnCount) {
                for column in 0..<columnCount {
                    largest[column] = max(largest[column], matrix[first + column].magnitude)
                }
            }
        }
        return largest
    }

    /// Inputs of matrix `name`, `[rows × columnCount]`, as they become.
    func divided(_ inputs: [Float], of name: String) -> [Float] {
        guard let columns = columns[name] else { return inputs }
        return multiplied(inputs, columns.map { 1 / $0 }, rows: nil, firstRow: 0)
    }

    /// Rows of matrix `name` from `firstRow` on, or the numbers of a vector.
    func scaled(_ values: [Float], of name: String, columnCount: Int, firstRow: Int = 0) -> [Float] {
        if let factors = vectors[name] { return zip(values, factors).map(*) }
        guard columns[name] != nil || rows[name] != nil else { return values }
        let ofColumns = columns[name] ?? [Float](repeating: 1, count: columnCount)
        return multiplied(values, ofColumns, rows: rows[name], firstRow: firstRow)
    }

    private func multiplied(_ values: [Float], _ columns: [Float], rows: [Float]?, firstRow: Int) -> [Float] {
        var values = values
        for (row, first) in stride(from: 0, to: values.count, by: columns.count).enumerated() {
            let ofRow = rows?[firstRow + row] ?? 1
            for column in columns.indices { values[first + column] *= ofRow * columns[column] }
        }
        return values
    }
}
