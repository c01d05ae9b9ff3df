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

    /// How keys and values of these layers are kept.
    func layout(_ layers: Range<Int>) -> KeyValueLayout {
        KeyValueLayout(
            layers: layers, keyHeadCount: configuration.keyHeadCount, headSize: configuration.headSize,
            number: compute.states)
    }

    /// Layers b…t.
    var middle: Range<Int> { configuration.bottomBoundary..<configuration.topBoundary + 1 }
}
