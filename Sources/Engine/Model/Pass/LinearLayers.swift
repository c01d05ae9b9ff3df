import Kernels

/// Linear layers that read the same input, with their biases: outputs stand as `Projection` puts them.
struct LinearLayers: Sendable {
    let projection: Projection
    /// `[stride]`, each where its output stands; empty without any.
    private let bias: [Float]

    /// - Parameter biases: of each matrix, empty where it has none.
    init(_ projection: Projection, biases: [[Float]]) {
        self.projection = projection
        guard biases.contains(where: { !$0.isEmpty }) else {
            bias = []
            return
        }
        var bias = [Float](repeating: 0, count: projection.stride)
        for (column, numbers) in zip(projection.columns, biases) {
            bias.replaceSubrange(column..<column + numbers.count, with: numbers)
        }
        self.bias = bias
    }

    var number: ProductNumber { projection.number }
    var stride: Int { projection.stride }
    var columns: [Int] { projection.columns }

    /// `y = x · Wᵀ + b`, as `Projection` says.
    func callAsFunction(
        _ x: ProductInput, into y: inout [Float], selection: Range<Int>? = nil, pool: Kernels.WorkerPool
    ) {
        projection(x, into: &y, selection: selection, pool: pool)
        addBias(to: &y, rows: x.rows, selection: selection)
    }

    /// What `callAsFunction` adds to the products.
    func addBias(to y: inout [Float], rows: Int, selection: Range<Int>? = nil) {
        guard !bias.isEmpty else { return }
        let matrices = selection ?? columns.indices
        let end = matrices.upperBound == columns.count ? stride : columns[matrices.upperBound]
        add(bias, at: columns[matrices.lowerBound]..<end, toRowsOf: &y, stride: stride, rows: rows)
    }
}
