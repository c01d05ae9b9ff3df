public import Core
import Kernels

/// Reading passages: their keys and values in layers b…t.
extension LlamaModel {
    /// Runs passages (ids with BOS, cut; best first) through layers 0…t. Needs all layers.
    ///
    /// - Throws: `failedPrecondition` when only the bottom layers are loaded, `invalidArgument` for an empty passage, one
    ///   longer than `maxPassageTokens` or an unknown id, `resourceExhausted` beyond the model's context.
    public func readPassages(_ passages: [[Int32]], encoding: PassageEncoding) throws(ImpRAGError) -> PassageState {
        let reading = try PassageReading(self, passages, encoding: encoding)
        while reading.advance(tokenLimit: .max) {}
        return reading.state
    }

    func requireAllLayers() throws(ImpRAGError) {
        guard weights.output != nil else {
            throw ImpRAGError(.failedPrecondition, "only the bottom layers of this model are loaded; load all of them")
        }
    }

    /// Bytes of the states of passages of these lengths at most, while and after they are read.
    public func passageBytes(_ tokenCounts: [Int], encoding: PassageEncoding) -> Int {
        let below = layout(0..<configuration.bottomBoundary)
        let kept = layout(middle)
        guard encoding != .concatenated else {
            let total = tokenCounts.reduce(0, +)
            return kept.byteCount(tokens: total) + below.byteCount(tokens: total)
        }
        // Of the layers below, those of a batch are there at a time.
        let batch = min(tokenCounts.reduce(0, +), Batch.rowLimit + configuration.maxPassageTokens)
        return tokenCounts.reduce(below.byteCount(tokens: batch)) { $0 + kept.byteCount(tokens: $1) }
    }

    /// How keys and values of these layers are kept.
    func layout(_ layers: Range<Int>) -> KeyValueLayout {
        KeyValueLayout(
            layers: layers, keyHeadCount: configuration.keyHeadCount, headSize: configuration.headSize,
            number: compute.states)
    }

    /// Layers b…t.
    var middle: Range<Int> { configuration.bottomBoundary..<configuration.topBoundary + 1 }
}
