public import Core
import Kernels

/// Reading passages: their keys and values in layers b…t.
extension LlamaModel {
    /// Runs passages (ids with BOS, cut; best first) through layers 0…t. Needs all layers.
    ///
    /// - Throws: `failedPrecondition` when only the bottom layers are loaded, `invalidArgument` for an empty passage,
    ///   one longer than `maxPassageTokens` or an unknown id, `resourceExhausted` beyond the model's context.
    public func readPassages(_ passages: [[Int32]], encoding: PassageEncoding) throws(ImpRAGError) -> PassageState {
        let reading = try PassageReading(self, passages, encoding: encoding)
        while reading.advance(tokenLimit: .max) {}
        return reading.state
    }

    /// Throws what reading `passages` would, before anything is computed.
    public func check(_ passages: [[Int32]], encoding: PassageEncoding) throws(ImpRAGError) {
        try requireAllLayers()
        var total = 0
        for (index, passage) in passages.enumerated() {
            try check(passage, firstPosition: encoding == .independent ? 0 : total, "passage \(index)")
            guard passage.count <= configuration.maxPassageTokens else {
                throw ImpRAGError(
                    .invalidArgument,
                    "passage \(index) has \(passage.count) tokens; at most \(configuration.maxPassageTokens) are expected"
                )
            }
            total += passage.count
        }
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
        // Of the layers below, those of a batch are there at a time; each passage has blocks of its own.
        let batch = Batch.rowLimit + configuration.maxPassageTokens
        let lower = min(
            tokenCounts.reduce(0) { $0 + below.byteCount(tokens: $1) },
            below.byteCount(tokens: batch * KeyValueLayout.blockTokens))
        return tokenCounts.reduce(lower) { $0 + kept.byteCount(tokens: $1) }
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
