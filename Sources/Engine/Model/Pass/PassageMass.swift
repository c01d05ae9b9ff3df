import Kernels

/// The share of attention that a batch's measured rows give to each passage: the mean of their softmax weights over
/// heads and layers b…t (DESIGN, "Attention mass").
struct PassageMass {
    /// Rows and passages of each sequence.
    private let shapes: [(rows: Int, passages: Int)]
    private let heads: Int
    private let layers: Int
    /// `[measured rows × passages]` in the order of sequences.
    private var sums: [Double]

    init(_ batch: Batch, _ model: LlamaModel) {
        shapes = batch.sequences.map { ($0.measuredRows, $0.context?.spans.count ?? 0) }
        heads = model.configuration.queryHeadCount
        layers = model.middle.count
        sums = [Double](repeating: 0, count: shapes.reduce(0) { $0 + $1.rows * $1.passages })
    }

    /// Takes the weights of the layer just run, `[measured rows × heads × passages]`; none in layers that read no
    /// passage.
    mutating func add(_ weights: [Float]) {
        guard !weights.isEmpty else { return }
        precondition(
            weights.count == sums.count * heads, "\(weights.count) weights for \(sums.count) sums of \(heads) heads")
        var (first, next) = (0, 0)
        for shape in shapes {
            for _ in 0..<shape.rows {
                for _ in 0..<heads {
                    for passage in 0..<shape.passages { sums[first + passage] += Double(weights[next + passage]) }
                    next += shape.passages
                }
                first += shape.passages
            }
        }
    }

    /// `[passages]` for each measured row of each sequence.
    var shares: [[[Float]]] {
        var first = 0
        return shapes.map { shape in
            (0..<shape.rows).map { _ in
                defer { first += shape.passages }
                return sums[first..<first + shape.passages].map { Float($0 / Double(layers * heads)) }
            }
        }
    }
}
