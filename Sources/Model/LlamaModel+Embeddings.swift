public import Core
import Kernels

/// Embeddings and prompt states: everything that needs layers 0…b only.
extension LlamaModel {
    /// Passage embeddings E_p. `sequences`: ids with BOS, cut. Returns `[sequences.count × h_k·d_h]`.
    ///
    /// An embedding has the same bits whatever other sequences the call contains.
    ///
    /// - Throws: `invalidArgument` naming the sequence that is empty, too long or holds an unknown id.
    public func embedPassages(_ sequences: [[Int32]]) throws(ImpRAGError) -> [Float] {
        for (index, sequence) in sequences.enumerated() {
            try check(sequence, firstPosition: 0, "passage \(index)")
        }
        return embeddings(sequences) { space in
            var embedding = [Float](repeating: 0, count: self.configuration.embeddingDimension)
            self.weights.boundaryKeys(
                space.normed, stride: self.configuration.hiddenSize, rows: 1, into: &embedding, scratch: space.scratch,
                pool: self.pool)
            return embedding
        }
    }

    /// Query embeddings E_q with positions from 0. Returns `[sequences.count × h_k·d_h]`.
    public func embedQueries(_ sequences: [[Int32]]) throws(ImpRAGError) -> [Float] {
        for (index, sequence) in sequences.enumerated() { try check(sequence, firstPosition: 0, "query \(index)") }
        return embeddings(sequences) { self.queryEmbedding(in: &$0) }
    }

    /// Runs prompts through layers 0…b−1, several at once; each result is the same, bit for bit, as alone.
    ///
    /// - Throws: `invalidArgument` for an empty prompt or an unknown id, `resourceExhausted` for one that leaves no room
    ///   in the model's context behind its passages.
    public func promptStates(_ prompts: [(tokens: [Int32], requestedPassages: Int)]) throws(ImpRAGError)
        -> [PromptState]
    {
        var firstPositions: [Int] = []
        for (index, prompt) in prompts.enumerated() {
            let first = try firstPosition(requestedPassages: prompt.requestedPassages)
            try check(prompt.tokens, firstPosition: first, "prompt \(index)")
            firstPositions.append(first)
        }
        let tokens = prompts.reduce(0) { $0 + $1.tokens.count }
        return forEachSequence(prompts.count, tokens: tokens) { [firstPositions] index, space in
            self.promptState(
                prompts[index].tokens, requestedPassages: prompts[index].requestedPassages,
                firstPosition: firstPositions[index], in: &space)
        }
    }

    /// Where a prompt starts: k · max_passage_tokens, whatever comes back.
    func firstPosition(requestedPassages: Int) throws(ImpRAGError) -> Int {
        guard requestedPassages >= 0 else {
            throw ImpRAGError(.invalidArgument, "k is \(requestedPassages); it must not be negative")
        }
        let (position, overflow) = requestedPassages.multipliedReportingOverflow(by: configuration.maxPassageTokens)
        guard !overflow, position < configuration.maxPositions else {
            throw ImpRAGError(
                .resourceExhausted,
                "\(requestedPassages) passages of \(configuration.maxPassageTokens) tokens fill the model's \(configuration.maxPositions) positions; ask for fewer"
            )
        }
        return position
    }

    /// Refuses tokens that the model cannot take; `what` names them.
    func check(_ tokens: [Int32], firstPosition: Int, _ what: @autoclosure () -> String) throws(ImpRAGError) {
        guard !tokens.isEmpty else {
            throw ImpRAGError(.invalidArgument, "\(what()) has no tokens; at least BOS is expected")
        }
        guard tokens.count <= configuration.maxPositions - firstPosition else {
            throw ImpRAGError(
                .resourceExhausted,
                "\(what()) has \(tokens.count) tokens from position \(firstPosition) on; the model has \(configuration.maxPositions) positions"
            )
        }
        for token in tokens where token < 0 || Int(token) >= configuration.vocabularySize {
            throw ImpRAGError(
                .invalidArgument,
                "\(what()) contains token \(token); ids from 0 to \(configuration.vocabularySize - 1) are expected")
        }
    }

    private func embeddings(_ sequences: [[Int32]], _ project: @Sendable (inout Workspace) -> [Float]) -> [Float] {
        let rows = forEachSequence(sequences.count, tokens: sequences.reduce(0) { $0 + $1.count }) { index, space in
            self.runBottomForLast(sequences[index], in: &space)
            return project(&space)
        }
        return Array(rows.joined())
    }

    /// Layers 0…b−1 and layer b's input norm for the last token, which ends in the first row of `space.normed`.
    private func runBottomForLast(_ tokens: [Int32], in space: inout Workspace) {
        let boundary = configuration.bottomBoundary
        if boundary == 0 {
            embed(tokens.suffix(1), in: &space)
        } else {
            embed(tokens, in: &space)
            let rotation = rotary.rotation(at: 0, count: tokens.count)
            var cache = KeyValues()
            for layer in 0..<boundary {
                cache.keys.removeAll(keepingCapacity: true)
                cache.values.removeAll(keepingCapacity: true)
                if layer + 1 < boundary {
                    run(layer, rows: tokens.count, rotation: rotation, cache: &cache, in: &space)
                } else {
                    runForLast(layer, rows: tokens.count, rotation: rotation, cache: &cache, in: &space)
                }
            }
        }
        normalizeHidden(1, weights.boundaryNorm, in: &space)
    }

    private func promptState(
        _ tokens: [Int32], requestedPassages: Int, firstPosition: Int, in space: inout Workspace
    ) -> PromptState {
        let rows = tokens.count
        embed(tokens, in: &space)
        let rotation = rotary.rotation(at: firstPosition, count: rows)
        var all = KeyValues()
        for layer in 0..<configuration.bottomBoundary {
            var cache = KeyValues()
            run(layer, rows: rows, rotation: rotation, cache: &cache, in: &space)
            all.append(cache)
        }
        let hidden = Array(space.hidden[..<(rows * configuration.hiddenSize)])
        moveLastRowFirst(rows, in: &space)
        normalizeHidden(1, weights.boundaryNorm, in: &space)
        return PromptState(
            tokens: tokens, requestedPassages: requestedPassages, hidden: hidden, keys: all.keys, values: all.values,
            queryEmbedding: queryEmbedding(in: &space))
    }

    /// E_q of the first row of `space.normed`: the mean of each key head's query heads, before RoPE.
    private func queryEmbedding(in space: inout Workspace) -> [Float] {
        weights.boundaryQueries(
            space.normed, stride: configuration.hiddenSize, rows: 1, into: &space.projected, scratch: space.scratch,
            pool: pool)
        let size = configuration.headSize
        let group = shape.groupSize
        return (0..<configuration.embeddingDimension).map { column in
            let (keyHead, within) = column.quotientAndRemainder(dividingBy: size)
            let sum = (0..<group).reduce(Float(0)) { $0 + space.projected[(keyHead * group + $1) * size + within] }
            return sum / Float(group)
        }
    }
}
