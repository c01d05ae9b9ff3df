import Kernels

/// The residual stream of a batch, `[rows × D]`.
///
/// A sublayer's output is not added right away. It waits until the next norm reads the stream, which adds it to a row
/// and normalizes the row while that is in the first-level cache: one pass over memory instead of two. Whoever reads
/// `rows` in another way calls `settle` first.
struct ResidualStream: Sendable {
    /// `[rows × D]`, without the output that waits.
    var rows: [Float] = []
    /// `[rows × outputStride]`: the last sublayer's output.
    private var output: [Float] = []
    /// Numbers from one row of `output` to the next; nil when nothing waits to be added.
    private var outputStride: Int?

    /// Makes room for `count` rows, of which nothing is left from an earlier batch.
    ///
    /// - Parameter outputStride: of the sublayers that will `add`; 0 without any.
    mutating func begin(_ count: Int, width: Int, outputStride: Int) {
        rows.reserve(count * width)
        output.reserve(count * outputStride)
        self.outputStride = nil
    }

    /// x ← x + W·`input` + bias: how each sublayer ends.
    mutating func add(_ linear: LinearLayers, of input: ProductInput, pool: Kernels.WorkerPool) {
        precondition(outputStride == nil, "a sublayer adds to the stream before its norm has read it")
        linear(input, into: &output, pool: pool)
        outputStride = linear.stride
    }

    /// RMSNorm of the first `count` rows into `input`: how each sublayer begins.
    ///
    /// - Parameter weight: `[D]`.
    mutating func normalize(
        _ count: Int, weight: [Float], epsilon: Float, as number: ProductNumber, into input: ProductInput,
        pool: Kernels.WorkerPool
    ) {
        input.normalize(
            &rows, adding: outputStride == nil ? [] : output, incrementStride: outputStride ?? 0, rows: count,
            weight: weight, epsilon: epsilon, as: number, pool: pool)
        outputStride = nil
    }

    /// Adds what waits to the first `count` rows.
    mutating func settle(_ count: Int, width: Int) {
        guard let stride = outputStride else { return }
        Kernels.add(output, incrementStride: stride, to: &rows, rows: count, width: width)
        outputStride = nil
    }

    /// Moves row `source` to `target`. Nothing may wait to be added.
    mutating func moveRow(_ source: Int, to target: Int, width: Int) {
        guard source != target else { return }
        for column in 0..<width { rows[target * width + column] = rows[source * width + column] }
    }
}

extension [Float] {
    /// Makes room for `count` numbers; what it holds is lost when it grows.
    mutating func reserve(_ count: Int) {
        if self.count < count { self = [Float](repeating: 0, count: count) }
    }
}
