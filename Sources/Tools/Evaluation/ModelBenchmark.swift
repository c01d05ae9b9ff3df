public import Core
public import Kernels
public import Model

/// Measures the forward pass of one model with synthetic tokens: speed depends on shapes, not on values.
public struct ModelBenchmark {
    /// One figure, the median of the repeats.
    public struct Figure: Sendable {
        /// What was measured, as in `prefill`.
        public let name: String
        /// Tokens of the prompt, or of the context when decoding begins.
        public let tokens: Int
        /// Answers, or passages, at once.
        public let batch: Int
        /// Tokens or passages per second, over the whole batch.
        public let perSecond: Double
        /// FLOP/s of products with weights.
        public let operationsPerSecond: Double
        /// Bytes of weights read per second, each once per pass.
        public let bytesPerSecond: Double
    }

    /// A figure beside the limits, 1 being all that the machine can do.
    public struct Shares: Sendable {
        public let products: Double
        public let memory: Double
    }

    public let model: LlamaModel
    /// Measured anew beside every figure.
    public private(set) var limits: MachineLimits
    private let repeats: Int
    private var random = SplitMix64(seed: 1)

    /// - Parameter repeats: each figure is the median of this many runs, after a warm-up.
    public init(_ model: LlamaModel, threads: Int, repeats: Int) {
        self.model = model
        self.repeats = repeats
        let shape = model.configuration
        limits = MachineLimits(
            pool: WorkerPool(threadCount: threads),
            weightBytes: (shape.layerNumbers + shape.headNumbers) * model.products.size)
    }

    /// What was reached of the limits, as far as they are known by now.
    public func shares(_ figure: Figure) -> Shares {
        Shares(
            products: figure.operationsPerSecond / (limits.operationsPerSecond[model.products] ?? .infinity),
            memory: figure.bytesPerSecond / limits.readBytesPerSecond)
    }

    /// From a prompt's tokens to the logits after them, all layers, without passages.
    public mutating func prefill(tokens: Int) throws(ImpRAGError) -> Figure {
        let ids = tokenIDs(tokens)
        defer { limits.measure() }
        let seconds = try median { () throws(ImpRAGError) in _ = try read(ids) }
        return figure("prefill", tokens: tokens, batch: 1, count: tokens, passes: 1, logits: 1, seconds)
    }

    /// `answers` answers of 32 tokens each after prompts of `tokens` tokens, all stepped together.
    public mutating func decode(tokens: Int, answers: Int) throws(ImpRAGError) -> Figure {
        let steps = 32
        defer { limits.measure() }
        var times: [Double] = []
        for _ in 0...repeats {
            var sessions: [DecodingSession] = []
            for _ in 0..<answers { sessions.append(try read(tokenIDs(tokens))) }
            times.append(
                try seconds { () throws(ImpRAGError) in
                    for step in 0..<steps { try model.append(sessions.map { ($0, Int32(step)) }) }
                })
        }
        return figure(
            "decode", tokens: tokens, batch: answers, count: answers * steps, passes: steps, logits: answers * steps,
            middle(times))
    }

    /// Embeddings of passages of these lengths, all of them in one call.
    public mutating func embed(lengths: [Int]) throws(ImpRAGError) -> Figure {
        let passages = lengths.sorted().map { tokenIDs($0) }
        defer { limits.measure() }
        let seconds = try median { () throws(ImpRAGError) in _ = try model.embedPassages(passages) }
        let tokens = lengths.reduce(0, +)
        let perToken = 2 * model.configuration.bottomLayerNumbers
        return Figure(
            name: "embed", tokens: tokens, batch: lengths.count, perSecond: Double(lengths.count) / seconds,
            operationsPerSecond: Double(tokens * perToken) / seconds, bytesPerSecond: 0)
    }

    private func read(_ ids: [Int32]) throws(ImpRAGError) -> DecodingSession {
        let state = try model.promptStates([(tokens: ids, requestedPassages: 0)])[0]
        return try model.continueFrom(state, passages: try model.readPassages([], encoding: .independent))
    }

    mutating func tokenIDs(_ count: Int) -> [Int32] {
        (0..<count).map { _ in Int32.random(in: 0..<Int32(model.configuration.vocabularySize), using: &random) }
    }

    private func figure(
        _ name: String, tokens: Int, batch: Int, count: Int, passes: Int, logits: Int, _ seconds: Double
    ) -> Figure {
        let shape = model.configuration
        let operations = 2 * (count * shape.layerNumbers + logits * shape.headNumbers)
        let read = passes * model.passBytes.bytes
        return Figure(
            name: name, tokens: tokens, batch: batch, perSecond: Double(count) / seconds,
            operationsPerSecond: Double(operations) / seconds, bytesPerSecond: Double(read) / seconds)
    }

    private func median(_ body: () throws(ImpRAGError) -> Void) throws(ImpRAGError) -> Double {
        var times: [Double] = []
        for _ in 0...repeats { times.append(try seconds(body)) }
        return middle(times)
    }
}

/// The median of all runs but the first, the warm-up.
func middle(_ times: [Double]) -> Double {
    let counted = times.dropFirst().sorted()
    return counted[counted.count / 2]
}

func seconds(_ body: () throws(ImpRAGError) -> Void) throws(ImpRAGError) -> Double {
    let clock = ContinuousClock()
    let start = clock.now
    try body()
    return (clock.now - start) / .seconds(1)
}

extension ModelConfiguration {
    /// Weights of one layer's products.
    private var numbersOfALayer: Int {
        2 * hiddenSize * queryHeadCount * headSize + 2 * hiddenSize * embeddingDimension
            + 3 * hiddenSize * intermediateSize
    }
    /// Weights of all layers' products.
    var layerNumbers: Int { layerCount * numbersOfALayer }
    /// Weights that an embedding's tokens go through.
    var bottomLayerNumbers: Int {
        // Of the last of these layers only keys and values: the rest of it runs for one token per passage.
        max(0, bottomBoundary - 1) * numbersOfALayer + (bottomBoundary > 0 ? 2 * hiddenSize * embeddingDimension : 0)
    }
    var headNumbers: Int { vocabularySize * hiddenSize }
}
