import Kernels

/// A pass over the rows of a batch, in the order of the paper. x stands for `space.residual`, `[rows × D]`.
///
///     embed               ids → x                      `embed`
///     layers 0…b−1        x → x                        `run`, one layer after the other
///     retrieval at b      x → E_q, E_p                 `queryEmbeddings`, `passageEmbeddings`
///     reading, b…t        x, passages' k and v → x     `run`; the passages are the sequences' `context`
///     the rest, t+1…N−1   x → x                        `run`
///     head                x → [rows × vocabulary]      `logits`
///
/// A passage itself is read through layers 0…t for its keys and values (`PassageReading`). A prompt goes through 0…b−1
/// on the coordinator (`promptStates`) and from b on at a generator (`DecodingSession.readAhead`), and an answer's
/// tokens go through all layers (`append`).
///
/// Every row is computed in the same order whatever stands beside it: its bits depend on its sequence alone.
extension LlamaModel {
    /// Makes room for a batch and forgets the one before.
    func begin(_ batch: Batch, in space: inout Workspace) {
        space.begin(batch.rows, configuration, weights.layers.first)
    }

    /// x ← the tokens' embeddings, `[tokens × D]`, from row `row` on.
    func embed(_ tokens: some Collection<Int32>, at row: Int = 0, in space: inout Workspace) {
        let width = configuration.hiddenSize
        for (index, token) in tokens.enumerated() {
            weights.embedding.copyRow(
                Int(token), as: compute.states, into: &space.residual.rows, at: (row + index) * width)
        }
    }

    /// What is wanted of a layer, besides the keys and values of all rows, which join their sequences.
    enum Output {
        /// x of all rows.
        case rows
        /// x of each sequence's last row: the batch has only these rows then.
        case lastRows
        /// Nothing more: x stays as it is.
        case states
        /// As `states`, and what tokens receive of the rows' attention, for those who count it.
        case receivedAttention
    }

    /// Layer `index`, the only way into it. Leaves the measured rows' softmax weights on each passage in `space.mass`.
    func run(_ index: Int, _ batch: inout Batch, for output: Output = .rows, in space: inout Workspace) {
        let layer = weights.layers[index]
        attend(index, layer, &batch, for: output, in: &space)
        guard output == .rows || output == .lastRows else { return }

        // x ← x + W_o · heads: [rows × h_q·d_h] → [rows × D]
        space.input.take(
            space.attended, stride: shape.queryWidth, rows: batch.rows, width: shape.queryWidth,
            as: layer.attentionOutput.number, pool: pool)
        space.recorder?.take(space.input, of: .output)
        space.residual.add(layer.attentionOutput, of: space.input, pool: pool)

        // x ← x + W_down · (silu(W_gate · norm(x)) ∘ W_up · norm(x)):
        // [rows × D] → 2 × [rows × intermediate size] → [rows × D]
        normalize(layer.feedForwardNorm, rows: batch.rows, layer.gateUp.number, in: &space)
        space.recorder?.take(space.input, of: .gate)
        layer.gateUp(space.input, into: &space.gateUp, pool: pool)
        space.input.gate(
            &space.gateUp, stride: layer.gateUp.stride, upColumn: layer.gateUp.columns[1], rows: batch.rows,
            width: configuration.intermediateSize, as: layer.down.number, pool: pool)
        space.recorder?.take(space.input, of: .down)
        space.residual.add(layer.down, of: space.input, pool: pool)
    }

    /// Logits after the first `rows` rows, `[rows × stride of the vocabulary]`, in `space.logits`.
    func logits(_ output: OutputWeights, rows: Int, in space: inout Workspace) {
        normalize(output.norm, rows: rows, output.head.number, in: &space)
        space.logits.reserve(rows * output.head.stride)
        output.head(space.input, into: &space.logits, pool: pool)
    }

    /// Moves each sequence's last row to the front of x.
    func takeLastRows(_ batch: inout Batch, in space: inout Workspace) {
        let width = configuration.hiddenSize
        space.residual.settle(batch.rows, width: width)
        for (index, sequence) in batch.sequences.enumerated() {
            space.residual.moveRow(sequence.rows.upperBound - 1, to: index, width: width)
        }
        batch.keepLastRows()
    }

    /// RMSNorm of x's first `rows` rows, into the next product.
    func normalize(_ weight: [Float], rows: Int, _ number: ProductNumber, in space: inout Workspace) {
        space.residual.normalize(
            rows, weight: weight, epsilon: Float(configuration.normEpsilon), as: number, into: space.input, pool: pool)
    }
}

// MARK: - Attention

extension LlamaModel {
    /// From x to the heads' outputs, `[rows × h_q·d_h]`, in `space.attended`; keys and values join the sequences.
    private func attend(
        _ index: Int, _ layer: LayerWeights, _ batch: inout Batch, for output: Output, in space: inout Workspace
    ) {
        let keepsOnly = output == .states || output == .lastRows
        // q, k, v: [rows × D] → [rows × (h_q + 2·h_k)·d_h], or without q.
        project(layer.attentionInput, keepsOnly ? 1..<3 : nil, rows: batch.rows, in: &space)
        space.recorder?.take(space.input, of: .query)
        dropOverflows(layer.attentionInput.linear, &batch, in: &space)
        var attending = attentionRows(batch, layer: index)
        rotateAndKeep(index, attending, queries: !keepsOnly, in: &space)
        if output == .lastRows {
            takeLastRows(&batch, in: &space)
            // q of the rows that are left. Their keys and values are computed again: the same bits, in the same places.
            project(layer.attentionInput, rows: batch.rows, in: &space)
            attending = attentionRows(batch, layer: index)
            rotateAndKeep(index, attending, queries: true, in: &space)
        }
        guard output != .states else { return }
        let shares = attending.reduce(0) { $0 + $1.measuredRows * ($1.context?.spans.count ?? 0) }
        let massCount = shares * configuration.queryHeadCount
        if space.mass.count != massCount { space.mass = [Float](repeating: 0, count: massCount) }
        // softmax(q·kᵀ / √d_h) · v over passages and own tokens: [rows × h_q·d_h]
        Kernels.attend(
            shape, layer: index, window: configuration.architecture.windows[index], sequences: attending,
            queries: space.projected, queryStride: layer.attentionInput.linear.stride, into: &space.attended,
            mass: &space.mass, pool: pool)
    }

    /// Queries (0), keys (1) and values (2) of x, as they enter RoPE, in `space.projected`.
    func project(
        _ input: AttentionInput, _ selection: Range<Int>? = nil, rows: Int, in space: inout Workspace
    ) {
        normalize(input.norm, rows: rows, input.linear.number, in: &space)
        input.linear(space.input, into: &space.projected, selection: selection, pool: pool)
        normalizeHeads(input, selection, rows: rows, in: &space)
    }

    /// RMSNorm of each head of queries (0) and keys (1) in `space.projected`, in families that have it.
    func normalizeHeads(_ input: AttentionInput, _ selection: Range<Int>?, rows: Int, in space: inout Workspace) {
        for (matrix, norm, heads) in [
            (0, input.queryNorm, configuration.queryHeadCount), (1, input.keyNorm, configuration.keyHeadCount),
        ] where !norm.isEmpty && selection?.contains(matrix) ?? true {
            Kernels.normalizeHeads(
                &space.projected, stride: input.linear.stride, column: input.linear.columns[matrix], heads: heads,
                rows: rows, weight: norm, epsilon: Float(configuration.normEpsilon), pool: pool)
        }
    }

    /// What each sequence's rows attend to: its own tokens, and in layers b…t its passages too.
    private func attentionRows(_ batch: Batch, layer: Int) -> [AttentionRows] {
        let reads = middle.contains(layer)
        return batch.sequences.compactMap { sequence in
            guard let own = sequence.caches.first(where: { $0.layout.layers.contains(layer) }) else { return nil }
            return AttentionRows(
                rows: sequence.rows, skipped: sequence.newTokens - sequence.rows.count,
                context: reads ? sequence.context : nil, own: own, rotation: sequence.rotation,
                received: sequence.received, measuredRows: sequence.measuredRows)
        }
    }

    /// RoPE of q and k in `space.projected`; k and v join the sequences.
    private func rotateAndKeep(_ index: Int, _ attending: [AttentionRows], queries: Bool, in space: inout Workspace) {
        let linear = weights.layers[index].attentionInput.linear
        Kernels.rotateAndKeep(
            shape, layer: index, sequences: attending, rows: &space.projected, stride: linear.stride,
            queryColumn: queries ? linear.columns[0] : nil, keyColumn: linear.columns[1],
            valueColumn: linear.columns[2], pool: pool)
    }
}
