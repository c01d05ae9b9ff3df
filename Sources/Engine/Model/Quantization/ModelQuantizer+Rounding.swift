public import Core
import Foundation
import Kernels
import Platform

extension ModelQuantizer {
    /// Scales what enters the layers above b by what these readings enter it with (`InputScaling`), and rounds the
    /// matrices that get 4 bits, such that what the layers make of them changes least (`WeightRounding`). The same on
    /// any number of threads.
    ///
    /// In memory at once are the original, one layer's inputs and moments, and what this returns.
    ///
    /// - Parameters:
    ///   - model: the original, all layers.
    ///   - readings: some ten thousand tokens, of the kind that the model will read.
    ///   - tick: called with the layers done; throws to stop.
    public func rounded(
        with model: LlamaModel, readings: [Reading], tick: (_ layers: Int) throws(ImpRAGError) -> Void
    ) throws(ImpRAGError) -> RoundedWeights {
        var rounded = RoundedWeights()
        try model.recordInputs(of: readings) { layer, recorder throws(ImpRAGError) in
            try scale(layer, by: recorder, into: &rounded.scaling)
            for parts in LinearPart.together {
                let wanted = parts.map { architecture.weight($0, layer) }.filter { packed.contains($0.name) }
                guard let first = wanted.first else { continue }
                let inputs = rounded.scaling.divided(recorder.inputs(of: parts[0]), of: first.name)
                let rounding = WeightRounding(inputs: inputs, columnCount: first.shape[1], pool: model.pool)
                for matrix in wanted {
                    guard let tensor = upper[matrix.name] else { continue }
                    let weights = rounded.scaling.scaled(
                        try Self.weights(tensor), of: matrix.name, columnCount: matrix.shape[1])
                    rounded.packed[matrix.name] = rounding(weights, pool: model.pool)
                    try tick(layer)
                }
            }
            try tick(layer + 1)
        }
        return rounded
    }

    /// Factors of a layer's inputs. Those of attention outputs stay as they are: they are alike anyway.
    private func scale(
        _ layer: Int, by recorder: InputRecorder, into scaling: inout InputScaling
    ) throws(ImpRAGError) {
        func factors(_ parts: [LinearPart]) throws(ImpRAGError) -> [Float]? {
            var weights: [[Float]] = []
            for part in parts {
                if let tensor = upper[architecture.weight(part, layer).name] {
                    weights.append(try Self.weights(tensor))
                }
            }
            guard !weights.isEmpty else { return nil }
            return InputScaling.factors(
                inputs: recorder.inputs(of: parts[0]), weights: weights,
                columnCount: architecture.weight(parts[0], layer).shape[1])
        }
        for (parts, norm) in [(LinearPart.together[0], NormPart.input), ([.gate, .up], .feedForward)] {
            guard let factors = try factors(parts) else { continue }
            scaling.add(
                factors, to: parts.map { architecture.weight($0, layer) }, after: architecture.norm(norm, layer))
        }
        if let factors = try factors([.down]) {
            scaling.add(
                factors, to: architecture.weight(.down, layer), after: architecture.weight(.up, layer),
                bias: architecture.bias(.up, layer))
        }
    }

    /// Without knowing what the layer reads.
    static func nearest(_ tensor: StoredTensor) throws(ImpRAGError) -> PackedRows {
        let pool = Kernels.WorkerPool(threadCount: ProcessInfo.processInfo.activeProcessorCount)
        return WeightRounding(columnCount: tensor.shape[1])(try weights(tensor), pool: pool)
    }

    /// A tensor's numbers.
    static func weights(_ tensor: StoredTensor) throws(ImpRAGError) -> [Float] {
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
    /// Matrices of which embeddings and logits are not made: those of 4 bits in a 4-bit model, and those whose errors
    /// change answers most for their size, which have 8 bits and a scale for each group.
    func upperNames(bottomBoundary: Int) -> (four: Set<String>, eight: Set<String>) {
        func names(_ parts: [LinearPart]) -> Set<String> {
            var names: Set<String> = []
            for layer in bottomBoundary..<layerCount {
                for part in parts where layer > bottomBoundary || !LinearPart.together[0].contains(part) {
                    names.insert(weight(part, layer).name)
                }
            }
            return names
        }
        return (names([.gate, .up, .down]), names([.query, .key, .value, .output]))
    }

    /// Norms and biases that `InputScaling` may change.
    func scaledNames(bottomBoundary: Int) -> Set<String> {
        var names: Set<String> = []
        for layer in bottomBoundary..<layerCount {
            let input = layer > bottomBoundary ? norm(.input, layer) : nil
            for tensor in [input, norm(.feedForward, layer), bias(.up, layer)] {
                if let tensor { names.insert(tensor.name) }
            }
        }
        return names
    }
}

extension PackedRows {
    /// Bytes of its tensors, in the order of `Architecture.Tensor.parts`.
    var parts: [[UInt8]] { [numbers, groups, scales.littleEndianBytes, minimums.littleEndianBytes] }
}

extension [Float] {
    /// As bf16 or float32.
    func littleEndianBytes(_ element: ElementType) -> [UInt8] {
        guard element == .bf16 else { return littleEndianBytes }
        return narrowed(self).flatMap { [UInt8(truncatingIfNeeded: $0.bits), UInt8(truncatingIfNeeded: $0.bits >> 8)] }
    }

    var littleEndianBytes: [UInt8] {
        flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) } }
    }
}
