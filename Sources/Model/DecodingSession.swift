public import Core

/// One answer in the making: the growing caches of one request. Owned by one task at a time.
public final class DecodingSession {
    /// `[vocabulary]`: logits after the last token that went in; first after the prompt's last.
    public private(set) var logits: [Float] = []
    /// Softmax weight of the last prompt token on each passage, in rank order (DESIGN, "Attention mass").
    public let passageAttention: [Float]

    private let model: LlamaModel
    private let passages: PassageState
    /// Layers 0…N−1: the prompt's and the answer's own keys and values.
    private var caches: [KeyValues]
    private var space = Workspace()
    /// Of the next token.
    private var position: Int

    /// Runs the prompt through layers b…N−1. All sizes have been checked.
    init(_ model: LlamaModel, prompt: PromptState, firstPosition: Int, passages: PassageState) {
        self.model = model
        self.passages = passages
        let configuration = model.configuration
        let rows = prompt.tokens.count
        position = firstPosition + rows
        let cached = rows * configuration.embeddingDimension
        caches = (0..<configuration.layerCount).map { layer in
            guard layer < configuration.bottomBoundary else { return KeyValues() }
            let range = layer * cached..<(layer + 1) * cached
            return KeyValues(keys: Array(prompt.keys[range]), values: Array(prompt.values[range]))
        }
        var space = Workspace()
        space.reserve(rows, configuration)
        space.hidden.replaceSubrange(..<prompt.hidden.count, with: prompt.hidden)
        let rotation = model.rotary.rotation(at: firstPosition, count: rows)
        var mass = [Double](repeating: 0, count: passages.tokenCounts.count)
        for layer in configuration.bottomBoundary..<configuration.layerCount {
            let reads = layer <= configuration.topBoundary && !passages.tokenCounts.isEmpty
            let context = reads ? passages.layers[layer - configuration.bottomBoundary] : KeyValues()
            if layer + 1 < configuration.layerCount {
                model.run(
                    layer, rows: rows, rotation: rotation, cache: &caches[layer], context: context,
                    measuresMass: reads, in: &space)
            } else {
                model.runForLast(
                    layer, rows: rows, rotation: rotation, cache: &caches[layer], context: context,
                    measuresMass: reads, in: &space)
            }
            if reads { Self.addMass(space.mass, passages.tokenCounts, heads: configuration.queryHeadCount, to: &mass) }
        }
        let layers = configuration.topBoundary - configuration.bottomBoundary + 1
        passageAttention = mass.map { Float($0 / Double(layers * configuration.queryHeadCount)) }
        if let output = model.weights.output { model.logits(output, into: &logits, in: &space) }
        // The prompt's room is not needed again: tokens now come one at a time.
    }

    /// Feeds one token and updates `logits`.
    ///
    /// - Throws: `resourceExhausted` beyond the model's context, `invalidArgument` for an unknown id; the session then
    ///   stays as it was.
    public func append(_ token: Int32) throws(ImpRAGError) {
        try model.check([token], firstPosition: position, "the answer")
        let configuration = model.configuration
        model.embed(CollectionOfOne(token), in: &space)
        let rotation = model.rotary.rotation(at: position, count: 1)
        let noContext = KeyValues()
        for layer in 0..<configuration.layerCount {
            let reads = configuration.bottomBoundary <= layer && layer <= configuration.topBoundary
            model.run(
                layer, rows: 1, rotation: rotation, cache: &caches[layer],
                context: reads ? passages.layers[layer - configuration.bottomBoundary] : noContext, in: &space)
        }
        position += 1
        if let output = model.weights.output {
            // Taken out of the object while it changes, so that nothing is copied.
            var numbers = logits
            logits = []
            model.logits(output, into: &numbers, in: &space)
            logits = numbers
        }
    }

    /// Adds each passage's share of `[heads × tokens]` softmax weights.
    private static func addMass(_ weights: [Float], _ tokenCounts: [Int], heads: Int, to mass: inout [Double]) {
        let total = tokenCounts.reduce(0, +)
        for head in 0..<heads {
            var first = head * total
            for (passage, count) in tokenCounts.enumerated() {
                mass[passage] += weights[first..<first + count].reduce(0.0) { $0 + Double($1) }
                first += count
            }
        }
    }
}
