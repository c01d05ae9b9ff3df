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
    /// Runs readings through all layers as they run when prompts are answered, and hands over the inputs of every
    /// layer's products. Needs all layers, in numbers that are not rounded to 8 bits.
    ///
    /// - Parameter body: called layer by layer.
    /// - Throws: what reading them would, before anything is computed, and what `body` throws.
    func recordInputs(
        of readings: [Reading], _ body: (_ layer: Int, _ recorder: InputRecorder) throws(ImpRAGError) -> Void
    ) throws(ImpRAGError) {
        try requireAllLayers()
        var space = Workspace()
        var parts: [RecordedBatch] = []
        for group in RecordedBatch.groups(readings) { parts.append(try RecordedBatch(group, self, in: &space)) }
        for layer in 0..<configuration.layerCount {
            let recorder = InputRecorder()
            space.recorder = recorder
            for index in parts.indices { parts[index].advance(through: layer, self, in: &space) }
            try body(layer, recorder)
        }
    }
}

/// Readings on their way through the layers, one layer after the other.
private struct RecordedBatch {
    private let readings: [Reading]
    /// Positions that texts begin at.
    private var firstPositions: [Int] = []
    /// The residual stream of all passages, `[tokens × D]`, and of all texts.
    private var passages: [Float]
    private var texts: [Float]

    /// Groups of which neither the texts nor the passages have more than `Batch.rowLimit` tokens, where those of one
    /// reading have not.
    static func groups(_ readings: [Reading]) -> [[Reading]] {
        var groups: [[Reading]] = []
        var (texts, passages) = (Batch.rowLimit, Batch.rowLimit)
        for reading in readings where !reading.text.isEmpty {
            texts += reading.text.count
            passages += reading.tokenCount - reading.text.count
            if max(texts, passages) > Batch.rowLimit {
                groups.append([])
                (texts, passages) = (reading.text.count, reading.tokenCount - reading.text.count)
            }
            groups[groups.count - 1].append(reading)
        }
        return groups
    }

    init(_ readings: [Reading], _ model: LlamaModel, in space: inout Workspace) throws(ImpRAGError) {
        self.readings = readings
        for reading in readings {
            let first = try model.firstPosition(requestedPassages: reading.requestedPassages)
            try model.check(reading.text, firstPosition: first, "a text to round by")
            try model.check(reading.passages, encoding: .independent)
            firstPositions.append(first)
        }
        passages = Self.embed(readings.flatMap(\.passages), model, in: &space)
        texts = Self.embed(readings.map(\.text), model, in: &space)
    }

    private static func embed(_ sequences: [[Int32]], _ model: LlamaModel, in space: inout Workspace) -> [Float] {
        let tokens = sequences.flatMap(\.self)
        guard !tokens.isEmpty else { return [] }
        let batch = batch(sequences.map { (count: $0.count, first: 0, context: nil) }, layer: 0, model)
        model.begin(batch, in: &space)
        model.embed(tokens, in: &space)
        return Array(space.residual.rows.prefix(model.configuration.hiddenSize * tokens.count))
    }

    private static func batch(
        _ sequences: [(count: Int, first: Int, context: AttentionContext?)], layer: Int, _ model: LlamaModel
    ) -> Batch {
        var batch = Batch()
        for (count, first, context) in sequences {
            batch.add(
                count: count, caches: [KeyValueTokens(model.layout(layer..<layer + 1))], context: context,
                rotation: model.rotary.rotation(at: first, count: count))
        }
        return batch
    }

    /// Passages go through layers 0…t, and of layer t only their keys and values are wanted (`PassageReading`).
    mutating func advance(through layer: Int, _ model: LlamaModel, in space: inout Workspace) {
        var read: ArraySlice<KeyValueTokens> = []
        if layer <= model.configuration.topBoundary, !passages.isEmpty {
            var batch = Self.batch(
                readings.flatMap(\.passages).map { (count: $0.count, first: 0, context: nil) }, layer: layer, model)
            Self.run(
                layer, &batch, of: &passages, for: layer < model.configuration.topBoundary ? .rows : .states, model,
                in: &space)
            batch.finish()
            read = batch.sequences.flatMap(\.caches)[...]
        }
        var sequences: [(count: Int, first: Int, context: AttentionContext?)] = []
        for (reading, first) in zip(readings, firstPositions) {
            let own = Array(read.prefix(reading.passages.count))
            read = read.dropFirst(own.count)
            let context = own.isEmpty ? nil : AttentionContext(own, spanCounts: own.map { [$0.count] })
            sequences.append((count: reading.text.count, first: first, context: context))
        }
        var batch = Self.batch(sequences, layer: layer, model)
        Self.run(layer, &batch, of: &texts, for: .rows, model, in: &space)
    }

    private static func run(
        _ layer: Int, _ batch: inout Batch, of hidden: inout [Float], for output: LlamaModel.Output,
        _ model: LlamaModel,
        in space: inout Workspace
    ) {
        model.begin(batch, in: &space)
        space.residual.rows.replaceSubrange(..<hidden.count, with: hidden)
        model.run(layer, &batch, for: output, in: &space)
        space.residual.settle(batch.rows, width: model.configuration.hiddenSize)
        hidden = Array(space.residual.rows.prefix(hidden.count))
    }
}
