import Kernels

/// One layer of the decoder, on the rows of a batch. `[rows × D]` of `space.hidden` is the residual stream.
///
/// Every row is computed in the same order whatever stands beside it: bits depend on the sequence alone.
extension LlamaModel {
    /// Fills rows of the residual stream, from `row` on, with the tokens' embeddings.
    func embed(_ tokens: some Collection<Int32>, at row: Int = 0, in space: inout Workspace) {
        let width = configuration.hiddenSize
        for (index, token) in tokens.enumerated() {
            weights.embedding.copyRow(
                Int(token), as: compute.states, into: &space.hidden, at: (row + index) * width)
        }
    }

    /// Makes room for a batch and drops what an earlier one left.
    func begin(_ batch: Batch, in space: inout Workspace) {
        space.reserve(batch.rows, configuration, weights.layers.first)
        space.incrementStride = nil
    }

    /// What is wanted of a layer, besides the keys and values of all rows, which join their sequences.
    enum Output {
        /// The residual stream of all rows.
        case rows
        /// That of each sequence's last row: the batch has only these rows then.
        case lastRows
        /// Nothing: the residual stream stays as it is.
        case states
        /// As `states`, and what tokens receive of the rows' attention, for those who count it.
        case receivedAttention
    }

    /// Layer `index`, the only way into it: from the residual stream, `[rows × D]`, back to it.
    ///
    /// - Parameter measuresMass: leaves the last rows' softmax weights on each passage in `space.mass`.
    func run(
        _ index: Int, _ batch: inout Batch, for output: Output = .rows, measuresMass: Bool = false,
        in space: inout Workspace
    ) {
        let layer = weights.layers[index]
        let keepsOnly = output == .states || output == .lastRows
        // [rows × (h_q + 2 h_k)·d_h], or without queries.
        project(layer.attentionInput, keepsOnly ? 1..<3 : nil, rows: batch.rows, in: &space)
        var attending = attentionRows(batch, layer: index)
        turnAndKeep(index, attending, queries: !keepsOnly, in: &space)
        if output == .lastRows {
            takeLastRows(&batch, in: &space)
            // Keys and values of these rows are computed once more: the same bits in the same places.
            project(layer.attentionInput, rows: batch.rows, in: &space)
            attending = attentionRows(batch, layer: index)
            turnAndKeep(index, attending, queries: true, in: &space)
        }
        guard output != .states else { return }
        // [rows × h_q·d_h]
        attendAll(index, attending, measuresMass: measuresMass, in: &space)
        guard output != .receivedAttention else { return }

        space.input.take(
            space.attended, stride: shape.queryWidth, rows: batch.rows, width: shape.queryWidth,
            as: layer.attentionOutput.number, pool: pool)
        layer.attentionOutput(space.input, into: &space.increment, pool: pool)
        space.incrementStride = layer.attentionOutput.stride

        // [rows × 2 × intermediate size], and back to [rows × D]
        normalize(layer.feedForwardNorm, rows: batch.rows, layer.gateUp.number, in: &space)
        layer.gateUp(space.input, into: &space.gateUp, pool: pool)
        space.input.gate(
            &space.gateUp, stride: layer.gateUp.stride, upColumn: layer.gateUp.columns[1], rows: batch.rows,
            width: configuration.intermediateSize, as: layer.down.number, pool: pool)
        layer.down(space.input, into: &space.increment, pool: pool)
        space.incrementStride = layer.down.stride
    }

    /// Gathers each sequence's last row at the beginning of the residual stream.
    func takeLastRows(_ batch: inout Batch, in space: inout Workspace) {
        settle(batch.rows, in: &space)
        let width = configuration.hiddenSize
        for (index, sequence) in batch.sequences.enumerated() {
            let last = sequence.rows.upperBound - 1
            guard last != index else { continue }
            for column in 0..<width { space.hidden[index * width + column] = space.hidden[last * width + column] }
        }
        batch.keepLastRows()
    }

    /// Adds what the last sublayer left to the residual stream.
    func settle(_ rows: Int, in space: inout Workspace) {
        guard let stride = space.incrementStride else { return }
        let width = configuration.hiddenSize
        add(space.increment, incrementStride: stride, to: &space.hidden, rows: rows, width: width)
        space.incrementStride = nil
    }

    /// Logits after the first `rows` rows: `[rows × stride of the vocabulary]` of `space.logits`.
    func logits(_ output: OutputWeights, rows: Int, in space: inout Workspace) {
        normalize(output.norm, rows: rows, output.head.number, in: &space)
        space.grow(&space.logits, rows * output.head.stride)
        output.head(space.input, into: &space.logits, pool: pool)
    }

    /// RMSNorm of the residual stream's first `rows` rows, to go into a product.
    func normalize(_ weight: [Float], rows: Int, _ number: ProductNumber, in space: inout Workspace) {
        space.input.normalize(
            &space.hidden, adding: space.incrementStride == nil ? [] : space.increment,
            incrementStride: space.incrementStride ?? 0, rows: rows, weight: weight,
            epsilon: Float(configuration.normEpsilon), as: number, pool: pool)
        space.incrementStride = nil
    }

    /// Queries (0), keys (1) and values (2) of the residual stream, as they enter RoPE, in `space.projected`.
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

    private func attentionRows(_ batch: Batch, layer: Int) -> [AttentionRows] {
        let reads = configuration.bottomBoundary <= layer && layer <= configuration.topBoundary
        return batch.sequences.compactMap { sequence in
            guard let own = sequence.caches.first(where: { $0.layout.layers.contains(layer) }) else { return nil }
            return AttentionRows(
                rows: sequence.rows, skipped: sequence.newTokens - sequence.rows.count,
                context: reads ? sequence.context : nil, own: own, rotation: sequence.rotation,
                received: sequence.received)
        }
    }

    private func turnAndKeep(_ index: Int, _ attending: [AttentionRows], queries: Bool, in space: inout Workspace) {
        let projection = weights.layers[index].attentionInput.linear
        rotateAndKeep(
            shape, layer: index, sequences: attending, rows: &space.projected, stride: projection.stride,
            queryColumn: queries ? projection.columns[0] : nil, keyColumn: projection.columns[1],
            valueColumn: projection.columns[2], pool: pool)
    }

    /// From the queries in `space.projected` to `space.attended`.
    private func attendAll(
        _ index: Int, _ attending: [AttentionRows], measuresMass: Bool, in space: inout Workspace
    ) {
        let spans = attending.reduce(0) { $0 + ($1.context?.spans.count ?? 0) }
        let massCount = measuresMass ? spans * configuration.queryHeadCount : 0
        if space.mass.count != massCount { space.mass = [Float](repeating: 0, count: massCount) }
        attend(
            shape, layer: index, window: configuration.architecture.windows[index], sequences: attending,
            queries: space.projected,
            queryStride: weights.layers[index].attentionInput.linear.stride, into: &space.attended, mass: &space.mass,
            pool: pool)
    }
}
