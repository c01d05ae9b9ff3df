import Core
import Kernels
import Synchronization

/// Keeps what enters the products of a layer, batch after batch.
final class InputRecorder: Sendable {
    private let kept = Mutex<[LinearPart: [Float]]>([:])

    /// - Parameter part: the first of `LinearPart.together` that reads this input.
    func take(_ input: ProductInput, of part: LinearPart) {
        kept.withLock { input.append(to: &$0[part, default: []]) }
    }

    /// `[rows × columns]`; empty when nothing came.
    func inputs(of part: LinearPart) -> [Float] { kept.withLock { $0[part] ?? [] } }
}

extension LlamaModel {
    /// Runs sequences (ids with BOS) through all layers as plain texts, and hands over the inputs of every layer's
    /// products. Needs all layers, in numbers that are not rounded to 8 bits.
    ///
    /// - Parameter body: called layer by layer.
    func recordInputs(
        of sequences: [[Int32]],
        _ body: (_ layer: Int, _ recorder: InputRecorder) throws(ImpRAGError) -> Void
    ) throws(ImpRAGError) {
        try requireAllLayers()
        let width = configuration.hiddenSize
        var space = Workspace()
        let parts = Self.batches(sequences)
        var hidden: [[Float]] = []
        for part in parts {
            begin(batch(part, layer: 0), in: &space)
            embed(part.joined(), in: &space)
            hidden.append(Array(space.residual.rows.prefix(width * part.reduce(0) { $0 + $1.count })))
        }
        for layer in 0..<configuration.layerCount {
            let recorder = InputRecorder()
            space.recorder = recorder
            for (index, part) in parts.enumerated() {
                var batch = batch(part, layer: layer)
                begin(batch, in: &space)
                space.residual.rows.replaceSubrange(..<hidden[index].count, with: hidden[index])
                run(layer, &batch, in: &space)
                space.residual.settle(batch.rows, width: width)
                hidden[index] = Array(space.residual.rows.prefix(hidden[index].count))
            }
            try body(layer, recorder)
        }
    }

    /// Of at most `Batch.rowLimit` tokens each, where sequences are not longer.
    private static func batches(_ sequences: [[Int32]]) -> [[[Int32]]] {
        var parts: [[[Int32]]] = []
        var rows = Batch.rowLimit
        for sequence in sequences where !sequence.isEmpty {
            rows += sequence.count
            if rows > Batch.rowLimit {
                parts.append([])
                rows = sequence.count
            }
            parts[parts.count - 1].append(sequence)
        }
        return parts
    }

    private func batch(_ sequences: [[Int32]], layer: Int) -> Batch {
        var batch = Batch()
        for sequence in sequences {
            batch.add(
                count: sequence.count, caches: [KeyValueTokens(layout(layer..<layer + 1))], context: nil,
                rotation: rotary.rotation(at: 0, count: sequence.count))
        }
        return batch
    }
}
