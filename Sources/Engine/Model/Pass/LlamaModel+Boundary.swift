import Kernels

/// The weights of layer b that make the embeddings.
extension LlamaModel {
    /// Queries (0) and keys (1) of layer b from the first `rows` rows of x, `[rows × D]`, as they enter RoPE, in
    /// `space.projected`.
    ///
    /// In 8 bits the product is taken twice: of the rows rounded to bytes, and of what rounding left. Hidden states of
    /// one corpus have much in common, and what tells two passages apart is small beside the step of a byte: with the
    /// rounded rows alone `Models/encyclopedia-tiny` lost 15 points of recall@1. The cost does not show, because only
    /// last tokens come here.
    func projectBoundary(_ selection: Range<Int>, rows: Int, in space: inout Workspace) {
        let stride = weights.boundary.linear.stride
        space.projected.reserve(rows * stride)
        if [.int8, .grouped].contains(weights.boundary.linear.number) {
            projectTwice(selection, rows: rows, in: &space)
        } else {
            project(weights.boundary, selection, rows: rows, in: &space)
        }
        // For whoever checks embeddings.
        for row in 0..<rows where overflows(row, in: space) {
            for index in row * stride..<(row + 1) * stride { space.projected[index] = .nan }
        }
    }

    private func projectTwice(_ selection: Range<Int>, rows: Int, in space: inout Workspace) {
        let boundary = weights.boundary
        let linear = boundary.linear
        let width = configuration.hiddenSize
        space.residual.settle(rows, width: width)
        let (rounded, rest) = roundedBoundary(space.residual.rows, rows: rows)
        space.input.take(rest, stride: width, rows: rows, width: width, as: linear.number, pool: pool)
        linear.projection(space.input, into: &space.projected, selection: selection, pool: pool)
        let small = Array(space.projected[..<(rows * linear.stride)])
        space.input.take(rounded, stride: width, rows: rows, width: width, as: linear.number, pool: pool)
        linear.projection(space.input, into: &space.projected, selection: selection, pool: pool)
        for row in 0..<rows {
            for matrix in selection {
                let first = row * linear.stride + linear.columns[matrix]
                for index in first..<first + linear.projection.matrices[matrix].rowCount {
                    space.projected[index] += small[index]
                }
            }
        }
        linear.addBias(to: &space.projected, rows: rows, selection: selection)
        normalizeHeads(boundary, selection, rows: rows, in: &space)
    }

    /// The input norm of layer b of rows: its nearest whole multiples of the largest magnitude over 127 of those that
    /// share a scale, and the rest.
    private func roundedBoundary(_ hidden: [Float], rows: Int) -> (rounded: [Float], rest: [Float]) {
        let width = configuration.hiddenSize
        var rounded = [Float](repeating: 0, count: rows * width)
        var rest = rounded
        for row in stride(from: 0, to: rows * width, by: width) {
            let square = hidden[row..<row + width].reduce(0) { $0 + Double($1) * Double($1) } / Double(width)
            let scale = Float(1 / (square + configuration.normEpsilon).squareRoot())
            for column in 0..<width {
                rest[row + column] = hidden[row + column] * scale * weights.boundary.norm[column]
            }
            let block = ProductNumber.scaledInputs
            for first in Swift.stride(from: row, to: row + width, by: block) {
                let part = first..<min(first + block, row + width)
                let step = (rest[part].map(\.magnitude).max() ?? 0) / 127
                guard step.isNormal else { continue }
                for index in part {
                    rounded[index] = (rest[index] / step).rounded(.toNearestOrEven) * step
                    rest[index] -= rounded[index]
                }
            }
        }
        return (rounded, rest)
    }
}
