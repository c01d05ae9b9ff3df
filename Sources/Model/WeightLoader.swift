import Core
import Kernels
import Platform

/// Fetches tensors from a checkpoint; collects what is wrong with them.
struct WeightLoader {
    let checkpoint: Checkpoint
    let compute: Compute
    let backend: ProductBackend?
    private(set) var byteCount = 0
    private var problems: [ImpRAGError] = []

    init(checkpoint: Checkpoint, compute: Compute, backend: ProductBackend?) {
        self.checkpoint = checkpoint
        self.compute = compute
        self.backend = backend
    }

    /// `[rows × columns]`, where it lies when its type is the one to compute in.
    mutating func matrix(_ name: String, _ rows: Int, _ columns: Int) -> WeightMatrix? {
        do {
            let (tensor, element) = try checkpoint.tensor("\(name).weight", shape: [rows, columns])
            let type: ElementType = compute == .f32 ? .f32 : .bf16
            let matrix = tensor.file.withBytes(in: tensor.range) {
                WeightMatrix(
                    bytes: $0, owner: tensor.file, element: element, rowCount: rows, columnCount: columns,
                    compute: type, backend: compute == .bf16 ? backend : nil)
            }
            byteCount += rows * columns * type.size
            return matrix
        } catch {
            problems.append(error)
            return nil
        }
    }

    /// `[count]`, widened to float32.
    mutating func vector(_ name: String, _ count: Int) -> [Float]? {
        do {
            let (tensor, element) = try checkpoint.tensor("\(name).weight", shape: [count])
            byteCount += count * ElementType.f32.size
            return tensor.file.withBytes(in: tensor.range) { widened($0, element) }
        } catch {
            problems.append(error)
            return nil
        }
    }

    /// Checks a tensor that is not loaded.
    mutating func check(_ name: String, shape: [Int]) {
        do {
            _ = try checkpoint.tensor("\(name).weight", shape: shape)
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
}
