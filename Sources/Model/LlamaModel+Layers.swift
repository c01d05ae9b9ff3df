import Kernels

/// One layer of the decoder, on the tokens of one sequence. `[rows × D]` of `space.hidden` is the residual stream.
extension LlamaModel {
    /// Runs `body` for every sequence, each with a workspace of its own, and returns the results in order.
    ///
    /// Several sequences share the threads whole; a few large ones share them product by product. Both give the same
    /// bits, because how a product is cut into tiles depends on its own sequence only.
    func forEachSequence<Value: Sendable>(
        _ count: Int, tokens: Int, _ body: @Sendable (Int, inout Workspace) -> Value
    ) -> [Value] {
        let multiplications = tokens * configuration.hiddenSize * configuration.intermediateSize
        if count < pool.threadCount, multiplications >= Self.largeProduct * max(1, count) {
            return (0..<count).map { index in workspaces.with { body(index, &$0) } }
        }
        return pool.map(count) { index in self.workspaces.with { body(index, &$0) } }
    }

    /// Multiplications of a product from which several threads are worth their waking, with much to spare.
    private static let largeProduct = 1 << 26

    /// Fills the residual stream with the tokens' embeddings.
    func embed(_ tokens: some Collection<Int32>, in space: inout Workspace) {
        let width = configuration.hiddenSize
        space.reserve(tokens.count, configuration)
        for (row, token) in tokens.enumerated() {
            weights.embedding.copyRow(Int(token), into: &space.hidden, at: row * width)
        }
    }

    /// Runs layer `index` on `rows` tokens, the last of the sequence in `cache`; adds their keys and values to it.
    ///
    /// - Parameters:
    ///   - context: what all rows attend to besides their own sequence; passages in layers b…t, nothing elsewhere.
    ///   - measuresMass: leaves the last row's softmax weights on the context in `space.mass`.
    func run(
        _ index: Int, rows: Int, rotation: Rotation, cache: inout KeyValues, context: KeyValues = KeyValues(),
        measuresMass: Bool = false, in space: inout Workspace
    ) {
        let layer = weights.layers[index]
        let stride = layer.queriesKeysValues.outputCount
        normalizeHidden(rows, layer.inputNorm, in: &space)
        layer.queriesKeysValues(
            space.normed, stride: configuration.hiddenSize, rows: rows, into: &space.projected, scratch: space.scratch,
            pool: pool)
        // Query heads and key heads stand side by side and turn alike.
        rotate(
            &space.projected, rows: rows, stride: stride,
            heads: configuration.queryHeadCount + configuration.keyHeadCount,
            headSize: configuration.headSize, cosines: rotation.cosines, sines: rotation.sines,
            firstToken: rotation.start)
        cache.append(
            space.projected, count: rows, stride: stride, keyColumn: shape.queryWidth, width: shape.keyWidth)
        finish(
            layer, rows: rows, queryStride: stride, cache: cache, context: context, measuresMass: measuresMass,
            in: &space)
    }

    /// As `run`, when only the last token's output is wanted: it is then the only row of the residual stream.
    func runForLast(
        _ index: Int, rows: Int, rotation: Rotation, cache: inout KeyValues, context: KeyValues = KeyValues(),
        measuresMass: Bool = false, in space: inout Workspace
    ) {
        let layer = weights.layers[index]
        appendKeysAndValues(index, rows: rows, rotation: rotation, cache: &cache, in: &space)
        moveLastRowFirst(rows, in: &space)
        normalizeHidden(1, layer.inputNorm, in: &space)
        layer.queries(
            space.normed, stride: configuration.hiddenSize, rows: 1, into: &space.projected, scratch: space.scratch,
            pool: pool)
        rotate(
            &space.projected, rows: 1, stride: shape.queryWidth, heads: configuration.queryHeadCount,
            headSize: configuration.headSize, cosines: rotation.cosines, sines: rotation.sines,
            firstToken: rotation.start + rows - 1)
        finish(
            layer, rows: 1, queryStride: shape.queryWidth, cache: cache, context: context, measuresMass: measuresMass,
            in: &space)
    }

    /// Only the keys and values of layer `index`; the residual stream stays as it is.
    func appendKeysAndValues(
        _ index: Int, rows: Int, rotation: Rotation, cache: inout KeyValues, in space: inout Workspace
    ) {
        let layer = weights.layers[index]
        let stride = layer.keysValues.outputCount
        normalizeHidden(rows, layer.inputNorm, in: &space)
        layer.keysValues(
            space.normed, stride: configuration.hiddenSize, rows: rows, into: &space.projected, scratch: space.scratch,
            pool: pool)
        rotate(
            &space.projected, rows: rows, stride: stride, heads: configuration.keyHeadCount,
            headSize: configuration.headSize, cosines: rotation.cosines, sines: rotation.sines,
            firstToken: rotation.start)
        cache.append(space.projected, count: rows, stride: stride, keyColumn: 0, width: shape.keyWidth)
    }

    /// Makes the last of `rows` tokens the first row of the residual stream.
    func moveLastRowFirst(_ rows: Int, in space: inout Workspace) {
        let width = configuration.hiddenSize
        guard rows > 1 else { return }
        for column in 0..<width { space.hidden[column] = space.hidden[(rows - 1) * width + column] }
    }

    /// Logits after the token in the first row of the residual stream: `[vocabulary]`.
    func logits(_ output: OutputWeights, into logits: inout [Float], in space: inout Workspace) {
        normalizeHidden(1, output.norm, in: &space)
        if logits.count != configuration.vocabularySize {
            logits = [Float](repeating: 0, count: configuration.vocabularySize)
        }
        output.head(
            space.normed, stride: configuration.hiddenSize, rows: 1, into: &logits, scratch: space.scratch,
            pool: pool)
    }

    /// RMSNorm of the residual stream's first `rows` rows, into `space.normed`.
    func normalizeHidden(_ rows: Int, _ weight: [Float], in space: inout Workspace) {
        normalize(
            space.hidden, rows: rows, weight: weight, epsilon: Float(configuration.normEpsilon),
            into: &space.normed)
    }

    /// Attention and feed-forward, from the queries in `space.projected` to the residual stream.
    private func finish(
        _ layer: LayerWeights, rows: Int, queryStride: Int, cache: KeyValues, context: KeyValues, measuresMass: Bool,
        in space: inout Workspace
    ) {
        let hidden = configuration.hiddenSize
        let massCount = measuresMass ? context.keys.count / shape.keyWidth * configuration.queryHeadCount : 0
        if space.mass.count != massCount { space.mass = [Float](repeating: 0, count: massCount) }
        attend(
            shape, queries: space.projected, queryStride: queryStride, rows: rows,
            contextKeys: context.keys, contextValues: context.values, ownKeys: cache.keys,
            ownValues: cache.values, into: &space.attended, mass: &space.mass, pool: pool)
        layer.attentionOutput(
            space.attended, stride: shape.queryWidth, rows: rows, into: &space.increment, scratch: space.scratch,
            pool: pool)
        addIncrement(rows, in: &space)

        normalizeHidden(rows, layer.feedForwardNorm, in: &space)
        layer.gateUp(
            space.normed, stride: hidden, rows: rows, into: &space.gateUp, scratch: space.scratch, pool: pool)
        applySwiGLU(&space.gateUp, rows: rows, width: configuration.intermediateSize)
        layer.down(
            space.gateUp, stride: 2 * configuration.intermediateSize, rows: rows, into: &space.increment,
            scratch: space.scratch, pool: pool)
        addIncrement(rows, in: &space)
    }

    private func addIncrement(_ rows: Int, in space: inout Workspace) {
        add(space.increment, to: &space.hidden, count: rows * configuration.hiddenSize)
    }
}
