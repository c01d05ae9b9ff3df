import Core
import Kernels
import Platform

/// Fetches tensors from a checkpoint that `Checkpoint.check` has found complete.
struct WeightLoader {
    let checkpoint: Checkpoint
    let compute: Compute
    let pool: Kernels.WorkerPool
    /// Bytes of all that was fetched, mapped or copied.
    private(set) var byteCount = 0

    init(checkpoint: Checkpoint, compute: Compute, pool: Kernels.WorkerPool) {
        self.checkpoint = checkpoint
        self.compute = compute
        self.pool = pool
    }

    /// `[rows × columns]`, laid out for products of this type; the mapped pages of the file may be evicted afterwards.
    mutating func matrix(
        _ wanted: Architecture.Tensor, _ products: ProductNumber
    ) throws(ImpRAGError) -> WeightMatrix {
        if products == .grouped {
            let matrix = try grouped(wanted)
            if let tensor = checkpoint.stored(wanted.name) { tensor.file.release(tensor.range) }
            byteCount += matrix.byteCount
            return matrix
        }
        let (tensor, element) = try checkpoint.tensor(wanted)
        let scales = element == .int8 ? try scales(wanted.scales) : []
        let matrix = tensor.file.withBytes(in: tensor.range) {
            WeightMatrix(
                bytes: $0, element: element, scales: scales, rowCount: wanted.shape[0], columnCount: wanted.shape[1],
                number: products, pool: pool)
        }
        tensor.file.release(tensor.range)
        byteCount += matrix.byteCount
        return matrix
    }

    /// `[rows × columns]`, mapped: rows are looked up one by one.
    mutating func table(_ wanted: Architecture.Tensor) throws(ImpRAGError) -> StoredRows {
        let (tensor, element) = try checkpoint.tensor(wanted)
        byteCount += tensor.range.count
        return tensor.file.withBytes(in: tensor.range) {
            StoredRows(
                bytes: $0, owner: tensor.file, element: element, rowCount: wanted.shape[0],
                columnCount: wanted.shape[1])
        }
    }

    /// Widened to float32; empty for nil.
    mutating func vector(_ wanted: Architecture.Tensor?) throws(ImpRAGError) -> [Float] {
        guard let wanted else { return [] }
        let (tensor, element) = try checkpoint.tensor(wanted)
        byteCount += wanted.shape[0] * ElementType.f32.size
        return tensor.file.withBytes(in: tensor.range) { widened($0, element) }
    }

    /// Matrices of one layer that read the same input, with their biases.
    ///
    /// - Parameter parts: all of one of `LinearPart.together`, or its first ones.
    mutating func linear(
        _ parts: [LinearPart], _ architecture: Architecture, _ layer: Int
    ) throws(ImpRAGError) -> LinearLayers {
        let all = LinearPart.together.first { $0.starts(with: parts) } ?? parts
        let products = try checkpoint.products(all.map { architecture.weight($0, layer) }, compute)
        var matrices: [WeightMatrix] = []
        var biases: [[Float]] = []
        for part in parts {
            matrices.append(try matrix(architecture.weight(part, layer), products))
            biases.append(try vector(architecture.bias(part, layer)))
        }
        return LinearLayers(Projection(matrices), biases: biases)
    }

    private func scales(_ wanted: Architecture.Tensor) throws(ImpRAGError) -> [Float] {
        let (tensor, _) = try checkpoint.tensor(wanted)
        let scales = tensor.file.withBytes(in: tensor.range) { widened($0, .f32) }
        if let row = scales.firstIndex(where: { !($0.isFinite && $0 >= 0) }) {
            throw ImpRAGError(
                .invalidArgument,
                "\(tensor.file.name): tensor \(tensor.name) holds \(scales[row]) for row \(row); finite numbers from 0 on are expected"
            )
        }
        return scales
    }
}
