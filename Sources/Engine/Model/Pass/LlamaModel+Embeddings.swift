public import Core
import Kernels

/// Embeddings and prompt states: everything that needs layers 0…b only.
extension LlamaModel {
    /// Passage embeddings E_p. `sequences`: ids with BOS, cut. Returns `[sequences.count × h_k·d_h]`.
    ///
    /// An embedding has the same bits whatever other sequences the call contains.
    ///
    /// - Parameter name: what errors call a sequence.
    /// - Throws: `invalidArgument` naming the sequence that is empty, too long or holds an unknown id,
    ///   `failedPrecondition` naming the one whose embedding is not finite or so long that scores overflow.
    public func embedPassages(
        _ sequences: [[Int32]], name: (Int) -> String = { "passage \($0)" }
    ) throws(ImpRAGError) -> [Float] {
        for (index, sequence) in sequences.enumerated() { try check(sequence, firstPosition: 0, name(index)) }
        let width = configuration.embeddingDimension
        let embeddings = embeddings(sequences) { rows, space in
            self.projectBoundary(1..<2, rows: rows, in: &space)
            return self.columns(self.weights.boundary.linear, 1, width: width, rows: rows, in: space)
        }
        try check(embeddings: embeddings, of: name)
        return embeddings
    }

    /// Query embeddings E_q with positions from 0. Returns `[sequences.count × h_k·d_h]`.
    public func embedQueries(_ sequences: [[Int32]]) throws(ImpRAGError) -> [Float] {
        for (index, sequence) in sequences.enumerated() { try check(sequence, firstPosition: 0, "query \(index)") }
        let embeddings = embeddings(sequences) { self.queryEmbeddings(rows: $0, in: &$1) }
        try check(embeddings: embeddings) { "query \($0)" }
        return embeddings
    }

    /// Runs prompts through layers 0…b−1, several at once; each result is the same, bit for bit, as alone.
    ///
    /// - Throws: `invalidArgument` for an empty prompt or an unknown id, `resourceExhausted` for one that leaves no
    ///   room in the model's context behind its passages.
    public func promptStates(_ prompts: [(tokens: [Int32], requestedPassages: Int)]) throws(ImpRAGError)
        -> [PromptState]
    {
        var firstPositions: [Int] = []
        for (index, prompt) in prompts.enumerated() {
            let first = try firstPosition(requestedPassages: prompt.requestedPassages)
            try check(prompt.tokens, firstPosition: first, "prompt \(index)")
            firstPositions.append(first)
        }
        let states = bottomStates(prompts, firstPositions)
        for state in states where !(areFinite(state.hidden) && areFinite(state.keys) && areFinite(state.values)) {
            throw overflow("the states of a prompt of \(state.tokens.count) tokens")
        }
        try check(embeddings: states.flatMap(\.queryEmbedding)) {
            "a prompt of \(states[$0].tokens.count) tokens"
        }
        return states
    }

    private func bottomStates(
        _ prompts: [(tokens: [Int32], requestedPassages: Int)], _ firstPositions: [Int]
    ) -> [PromptState] {
        // What follows, a search, needs the processors more than the next prompt.
        defer { pool.rest() }
        return workspaces.with { space in
            var chunks = BottomChunks(self, prompts.map(\.tokens), firstPositions: firstPositions)
            var hidden = [[Float]](repeating: [], count: prompts.count)
            var states = [PromptState?](repeating: nil, count: prompts.count)
            let width = configuration.hiddenSize
            while let (batch, members) = chunks.next(in: &space) {
                var batch = batch
                for layer in 0..<configuration.bottomBoundary { run(layer, &batch, in: &space) }
                space.residual.settle(batch.rows, width: width)
                batch.finish()
                for (sequence, member) in zip(batch.sequences, members) {
                    let rows = sequence.rows.lowerBound * width..<sequence.rows.upperBound * width
                    hidden[member] += space.residual.rows[rows]
                }
                takeLastRows(&batch, in: &space)
                let queries = queryEmbeddings(rows: batch.rows, in: &space)
                let dimension = configuration.embeddingDimension
                for (row, member) in members.enumerated() {
                    guard chunks.finished.contains(member), let cache = chunks.caches[member] else { continue }
                    let (keys, values) = cache.numbers(of: 0..<configuration.bottomBoundary)
                    states[member] = PromptState(
                        tokens: prompts[member].tokens, requestedPassages: prompts[member].requestedPassages,
                        hidden: hidden[member], keys: keys, values: values,
                        queryEmbedding: Array(queries[row * dimension..<(row + 1) * dimension]))
                    hidden[member] = []
                }
            }
            return states.compactMap(\.self)
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

    /// Calls `project` for batches of sequences, with their last tokens' hidden states, which enter layer b, in x.
    private func embeddings(_ sequences: [[Int32]], _ project: (Int, inout Workspace) -> [Float]) -> [Float] {
        let dimension = configuration.embeddingDimension
        let boundary = configuration.bottomBoundary
        // Without layers below, the last token alone decides.
        let sequences = boundary == 0 ? sequences.map { Array($0.suffix(1)) } : sequences
        return workspaces.with { space in
            var embeddings = [Float](repeating: 0, count: sequences.count * dimension)
            var chunks = BottomChunks(
                self, sequences, firstPositions: [Int](repeating: 0, count: sequences.count))
            while let (batch, members) = chunks.next(in: &space) {
                var batch = batch
                for layer in 0..<max(0, boundary - 1) { run(layer, &batch, in: &space) }
                if boundary > 0 {
                    run(boundary - 1, &batch, for: .lastRows, in: &space)
                } else {
                    takeLastRows(&batch, in: &space)
                }
                batch.finish()
                let rows = project(batch.rows, &space)
                for (row, member) in members.enumerated() {
                    embeddings.replaceSubrange(
                        member * dimension..<(member + 1) * dimension,
                        with: rows[row * dimension..<(row + 1) * dimension])
                }
            }
            return embeddings
        }
    }

    /// E_p, `[rows.count × h_k·d_h]`, of the passages whose last tokens are these rows of x on its way into layer b. x
    /// stays as it is.
    func passageEmbeddings(ofRows rows: [Int], batch: Batch, in space: inout Workspace) -> [Float] {
        guard !rows.isEmpty else { return [] }
        let width = configuration.hiddenSize
        space.residual.settle(batch.rows, width: width)
        var last = rows.flatMap { space.residual.rows[$0 * width..<($0 + 1) * width] }
        swap(&space.residual.rows, &last)
        defer { swap(&space.residual.rows, &last) }
        projectBoundary(1..<2, rows: rows.count, in: &space)
        return columns(weights.boundary.linear, 1, width: configuration.embeddingDimension, rows: rows.count, in: space)
    }

    /// The outputs of one matrix, `[rows × width]`.
    private func columns(
        _ projection: LinearLayers, _ matrix: Int, width: Int, rows: Int, in space: Workspace
    ) -> [Float] {
        (0..<rows).flatMap { row in
            let first = row * projection.stride + projection.columns[matrix]
            return space.projected[first..<first + width]
        }
    }

    /// E_q, `[rows × h_k·d_h]`, of x on its way into layer b: the mean of each key head's query heads, before RoPE.
    private func queryEmbeddings(rows: Int, in space: inout Workspace) -> [Float] {
        projectBoundary(0..<1, rows: rows, in: &space)
        let size = configuration.headSize
        let group = shape.groupSize
        var embeddings: [Float] = []
        embeddings.reserveCapacity(rows * configuration.embeddingDimension)
        for row in 0..<rows {
            let first = row * weights.boundary.linear.stride + weights.boundary.linear.columns[0]
            for column in 0..<configuration.embeddingDimension {
                let (keyHead, within) = column.quotientAndRemainder(dividingBy: size)
                let sum = (0..<group).reduce(Float(0)) {
                    $0 + space.projected[first + (keyHead * group + $1) * size + within]
                }
                embeddings.append(sum / Float(group))
            }
        }
        return embeddings
    }
}
