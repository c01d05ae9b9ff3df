import Core
import Kernels
import Platform

/// Fetches tensors from a checkpoint; collects what is wrong with them.
struct WeightLoader {
    let checkpoint: Checkpoint
    let compute: Compute
    let pool: Kernels.WorkerPool
    private(set) var byteCount = 0
    private var problems: [ImpRAGError] = []

    init(checkpoint: Checkpoint, compute: Compute, pool: Kernels.WorkerPool) {
        self.checkpoint = checkpoint
        self.compute = compute
        self.pool = pool
    }

    /// `[rows × columns]`, laid out for products; what the file holds of it may leave memory again.
    mutating func matrix(_ name: String, _ rows: Int, _ columns: Int) -> WeightMatrix? {
        do throws(ImpRAGError) {
            let (tensor, element) = try stored(name, rows, columns)
            let scales = element == .int8 ? try self.scales(name, rows) : []
            let matrix = tensor.file.withBytes(in: tensor.range) {
                WeightMatrix(
                    bytes: $0, element: element, scales: scales, rowCount: rows, columnCount: columns,
                    number: compute.products, pool: pool)
            }
            tensor.file.release(tensor.range)
            byteCount += matrix.byteCount
            return matrix
        } catch {
            problems.append(error)
            return nil
        }
    }

    /// `[rows × columns]`, looked up row by row where it lies.
    mutating func table(_ name: String, _ rows: Int, _ columns: Int) -> StoredRows? {
        do throws(ImpRAGError) {
            let (tensor, element) = try checkpoint.tensor("\(name).weight", shape: [rows, columns])
            guard element != .int8 else {
                throw ImpRAGError(
                    .invalidArgument,
                    "\(tensor.file.name): tensor \(tensor.name) has dtype I8; embeddings are F32, F16 or BF16")
            }
            byteCount += tensor.range.count
            return tensor.file.withBytes(in: tensor.range) {
                StoredRows(bytes: $0, owner: tensor.file, element: element, rowCount: rows, columnCount: columns)
            }
        } catch {
            problems.append(error)
            return nil
        }
    }

    /// `[count]`, widened to float32.
    mutating func vector(_ name: String, _ count: Int) -> [Float]? {
        do throws(ImpRAGError) {
            byteCount += count * ElementType.f32.size
            return try floats("\(name).weight", [count])
        } catch {
            problems.append(error)
            return nil
        }
    }

    /// Checks a vector or a matrix that is not loaded, without touching its bytes.
    mutating func check(_ name: String, shape: [Int]) {
        do throws(ImpRAGError) {
            if shape.count == 2 {
                if try stored(name, shape[0], shape[1]).element == .int8 { _ = try storedScales(name, shape[0]) }
            } else {
                _ = try storedNumbers("\(name).weight", shape)
            }
        } catch {
            problems.append(error)
        }
    }

    /// Throws `invalidArgument` listing the problems, the first few in full.
    func finish() throws(ImpRAGError) {
        guard let first = problems.first else { return }
        let shown = problems.prefix(5).map(\.message).joined(separator: "; ")
        let more = problems.count > 5 ? "; and \(problems.count - 5) more" : ""
        throw ImpRAGError(first.code, shown + more)
    }

    /// A matrix of the kind that all others are.
    private func stored(
        _ name: String, _ rows: Int, _ columns: Int
    ) throws(ImpRAGError) -> (tensor: StoredTensor, element: ElementType) {
        let (tensor, element) = try checkpoint.tensor("\(name).weight", shape: [rows, columns])
        guard (element == .int8) == (compute == .int8) else {
            throw ImpRAGError(
                .invalidArgument,
                "\(tensor.file.name): tensor \(tensor.name) has dtype \(tensor.dtype), but the others make this a model in \(compute.rawValue)"
            )
        }
        return (tensor, element)
    }

    /// A tensor of floating-point numbers.
    private func storedNumbers(
        _ name: String, _ shape: [Int]
    ) throws(ImpRAGError) -> (tensor: StoredTensor, element: ElementType) {
        let (tensor, element) = try checkpoint.tensor(name, shape: shape)
        guard element != .int8 else {
            throw ImpRAGError(
                .invalidArgument, "\(tensor.file.name): tensor \(name) has dtype I8; F32, F16 or BF16 is expected")
        }
        return (tensor, element)
    }

    /// What one step of each row's int8 weights means.
    private func storedScales(_ name: String, _ rows: Int) throws(ImpRAGError) -> StoredTensor {
        let (tensor, element) = try storedNumbers(Self.scaleName("\(name).weight"), [rows])
        guard element == .f32 else {
            throw ImpRAGError(
                .invalidArgument,
                "\(tensor.file.name): tensor \(tensor.name) has dtype \(tensor.dtype); scales are F32")
        }
        return tensor
    }

    private func floats(_ name: String, _ shape: [Int]) throws(ImpRAGError) -> [Float] {
        let (tensor, element) = try storedNumbers(name, shape)
        return tensor.file.withBytes(in: tensor.range) { widened($0, element) }
    }

    private func scales(_ name: String, _ rows: Int) throws(ImpRAGError) -> [Float] {
        let tensor = try storedScales(name, rows)
        let scales = tensor.file.withBytes(in: tensor.range) { widened($0, .f32) }
        if let row = scales.firstIndex(where: { !($0.isFinite && $0 >= 0) }) {
            throw ImpRAGError(
                .invalidArgument,
                "\(tensor.file.name): tensor \(tensor.name) holds \(scales[row]) for row \(row); finite numbers from 0 on are expected"
            )
        }
        return scales
    }

    /// The tensor with the scales of the int8 matrix `weight`.
    static func scaleName(_ weight: String) -> String { "\(weight)_scale" }
}
