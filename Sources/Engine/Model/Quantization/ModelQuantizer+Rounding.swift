public import Core
import Foundation
public import Kernels
import Platform

extension ModelQuantizer {
    /// Rounds the matrices that get 4 bits, such that what the layers make of these readings changes least
    /// (`WeightRounding`). The same on any number of threads.
    ///
    /// In memory at once are the original, one layer's inputs and moments, and what this returns.
    ///
    /// - Parameters:
    ///   - model: the original, all layers.
    ///   - readings: some ten thousand tokens, of the kind that the model will read.
    ///   - tick: called with the layers done; throws to stop.
    public func rounded(
        with model: LlamaModel, readings: [Reading], tick: (_ layers: Int) throws(ImpRAGError) -> Void
    ) throws(ImpRAGError) -> [String: PackedRows] {
        var rounded: [String: PackedRows] = [:]
        try model.recordInputs(of: readings) { layer, recorder throws(ImpRAGError) in
            for parts in LinearPart.together {
                let wanted = parts.map { architecture.weight($0, layer) }.filter { packed[$0.name] != nil }
                guard let first = wanted.first else { continue }
                let rounding = WeightRounding(
                    inputs: recorder.inputs(of: parts[0]), columnCount: first.shape[1], pool: model.pool)
                for matrix in wanted {
                    guard let tensor = packed[matrix.name] else { continue }
                    rounded[matrix.name] = rounding(try Self.weights(tensor), pool: model.pool)
                    try tick(layer)
                }
            }
            try tick(layer + 1)
        }
        return rounded
    }

    /// Without knowing what the layer reads.
    static func nearest(_ tensor: StoredTensor) throws(ImpRAGError) -> PackedRows {
        let pool = Kernels.WorkerPool(threadCount: ProcessInfo.processInfo.activeProcessorCount)
        return WeightRounding(columnCount: tensor.shape[1])(try weights(tensor), pool: pool)
    }

    private static func weights(_ tensor: StoredTensor) throws(ImpRAGError) -> [Float] {
        guard let element = ElementType(rawValue: tensor.dtype) else {
            throw ImpRAGError(.internal, "tensor \(tensor.name) has dtype \(tensor.dtype)")
        }
        let values = tensor.file.withBytes(in: tensor.range) { widened($0, element) }
        tensor.file.release(tensor.range)
        guard areFinite(values) else {
            throw ImpRAGError(
                .invalidArgument, "\(tensor.file.name): tensor \(tensor.name) holds weights that are not finite")
        }
        return values
    }
}

extension Architecture {
    /// Matrices of a 4-bit model, of which embeddings and logits are not made: those of 4 bits, and those whose errors
    /// change answers most for their size, which have 8 bits and a scale for each group.
    func packedNames(bottomBoundary: Int) -> (four: Set<String>, eight: Set<String>) {
        func names(_ parts: [LinearPart]) -> Set<String> {
            var names: Set<String> = []
            for layer in bottomBoundary..<layerCount {
                for part in parts where layer > bottomBoundary || !LinearPart.together[0].contains(part) {
                    names.insert(weight(part, layer).name)
                }
            }
            return names
        }
        return (names([.query, .key, .gate, .up, .down]), names([.value, .output]))
    }
}

extension PackedRows {
    /// Bytes of its tensors, in the order of `Architecture.Tensor.parts`.
    var parts: [[UInt8]] { [numbers, groups, scales.littleEndianBytes, minimums.littleEndianBytes] }
}

extension [Float] {
    var littleEndianBytes: [UInt8] {
        flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) } }
    }
}
