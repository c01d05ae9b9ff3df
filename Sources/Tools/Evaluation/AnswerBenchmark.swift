public import Core
import Kernels
public import Model

/// Measures a whole answer over passages, from the prompt's tokens on, with synthetic tokens.
public struct AnswerBenchmark {
    /// Where the passages' states come from.
    public enum Source: String, Sendable, CaseIterable {
        /// None: the passages are prefilled when the prompt arrives.
        case computed
        /// A shard: their bytes are decoded.
        case stored
        /// This process's cache.
        case remembered
    }

    /// Medians of the repeats.
    public struct Figure: Sendable {
        public let source: Source
        /// From the prompt's tokens to the answer's first token.
        public let firstTokenSeconds: Double
        /// Of these, what products with weights take when all threads share them evenly.
        public let productSeconds: Double
        /// Over the whole answer, including the time to the first token.
        public let tokensPerSecond: Double
        /// All passages' states as stored.
        public let storedBytes: Int
    }

    private let model: LlamaModel
    private let coder: StateCoder
    private let passages: [[Int32]]
    private let prompt: [Int32]
    private let answerTokens: Int
    private let repeats: Int
    private let threads: Int

    public init(
        _ model: LlamaModel, threads: Int, coder: StateCoder, passages: Int, passageTokens: Int, promptTokens: Int,
        answerTokens: Int, repeats: Int
    ) {
        self.threads = threads
        self.model = model
        self.coder = coder
        self.answerTokens = answerTokens
        self.repeats = repeats
        var random = SplitMix64(seed: 2)
        let highest = Int32(model.configuration.vocabularySize)
        func tokens(_ count: Int) -> [Int32] {
            (0..<count).map { _ in Int32.random(in: 0..<highest, using: &random) }
        }
        self.passages = (0..<passages).map { _ in tokens(passageTokens) }
        prompt = tokens(promptTokens)
    }

    /// Throws what the model throws, for example for more tokens than it has positions.
    public func measure(_ source: Source) throws(ImpRAGError) -> Figure {
        let encoded = try read().encoded
        let bytes = coder.encode(encoded)
        var first: [Double] = []
        var whole: [Double] = []
        var products: [Double] = []
        for _ in 0...repeats {
            let clock = ContinuousClock()
            let start = clock.now
            let productStart = LlamaModel.gemmSeconds
            let state = try model.promptStates([(tokens: prompt, requestedPassages: passages.count)])[0]
            let session = try model.continueFrom(state, passages: try states(source, encoded, bytes))
            var token = Int32(largest(session.logits))
            first.append((clock.now - start) / .seconds(1))
            products.append((LlamaModel.gemmSeconds - productStart) / Double(threads))
            for _ in 1..<answerTokens {
                try session.append(token)
                token = Int32(largest(session.logits))
            }
            whole.append((clock.now - start) / .seconds(1))
        }
        return Figure(
            source: source, firstTokenSeconds: middle(first), productSeconds: middle(products),
            tokensPerSecond: Double(answerTokens) / middle(whole),
            storedBytes: bytes.reduce(0) { $0 + $1.count })
    }

    private func read(
        known: [Int: EncodedPassage] = [:], finishing: ((Int, EncodedPassage) -> EncodedPassage)? = nil
    ) throws(ImpRAGError) -> PassageReading {
        let reading = try PassageReading(
            model, passages, encoding: .independent, known: known, measuresAttention: coder.keepsHalf,
            finishing: finishing)
        while reading.advance(tokenLimit: .max) {}
        return reading
    }

    private func states(
        _ source: Source, _ encoded: [EncodedPassage], _ bytes: [[UInt8]]
    ) throws(ImpRAGError) -> PassageState {
        var known: [Int: EncodedPassage] = [:]
        switch source {
        // A generator rounds them whether it stores them or not.
        case .computed: return try read { coder.rounded($1) }.state
        case .remembered:
            for (place, passage) in encoded.enumerated() { known[place] = coder.rounded(passage) }
        case .stored:
            for (place, state) in bytes.enumerated() { known[place] = try coder.decode(state) }
        }
        return try read(known: known).state
    }
}
