public import Core
import Kernels

/// Reading passages: their keys and values in layers b…t.
extension LlamaModel {
    /// Runs passages (ids with BOS, cut; best first) through layers 0…t. Needs all layers.
    ///
    /// - Throws: `failedPrecondition` when only the bottom layers are loaded, `invalidArgument` for an empty passage, one
    ///   longer than `maxPassageTokens` or an unknown id, `resourceExhausted` beyond the model's context.
    public func readPassages(_ passages: [[Int32]], encoding: PassageEncoding) throws(ImpRAGError) -> PassageState {
        try requireAllLayers()
        var total = 0
        var firstPositions: [Int] = []
        for (index, passage) in passages.enumerated() {
            let first = encoding == .independent ? 0 : total
            try check(passage, firstPosition: first, "passage \(index)")
            guard passage.count <= configuration.maxPassageTokens else {
                throw ImpRAGError(
                    .invalidArgument,
                    "passage \(index) has \(passage.count) tokens; at most \(configuration.maxPassageTokens) are expected"
                )
            }
            firstPositions.append(first)
            total += passage.count
        }
        let layerCount = configuration.topBoundary - configuration.bottomBoundary + 1
        let empty = [KeyValues](repeating: KeyValues(), count: layerCount)
        let parts: [[KeyValues]]
        if encoding == .concatenated, !passages.isEmpty {
            let together = Array(passages.joined())
            parts = [workspaces.with { read(together, firstPosition: 0, in: &$0) }]
        } else {
            parts = forEachSequence(passages.count, tokens: total) { [firstPositions] index, space in
                self.read(passages[index], firstPosition: firstPositions[index], in: &space)
            }
        }
        var layers = empty
        for part in parts {
            for layer in layers.indices { layers[layer].append(part[layer]) }
        }
        return PassageState(tokenCounts: passages.map(\.count), layers: layers)
    }

    func requireAllLayers() throws(ImpRAGError) {
        guard weights.output != nil else {
            throw ImpRAGError(.failedPrecondition, "only the bottom layers of this model are loaded; load all of them")
        }
    }

    /// Keys and values of one sequence in layers b…t.
    private func read(_ tokens: [Int32], firstPosition: Int, in space: inout Workspace) -> [KeyValues] {
        embed(tokens, in: &space)
        let rows = tokens.count
        let rotation = rotary.rotation(at: firstPosition, count: rows)
        var kept: [KeyValues] = []
        for layer in 0...configuration.topBoundary {
            var cache = KeyValues()
            if layer < configuration.topBoundary {
                run(layer, rows: rows, rotation: rotation, cache: &cache, in: &space)
            } else {
                // Nobody reads what layer t would add to the passages' own stream.
                appendKeysAndValues(layer, rows: rows, rotation: rotation, cache: &cache, in: &space)
            }
            if layer >= configuration.bottomBoundary { kept.append(cache) }
        }
        return kept
    }
}
