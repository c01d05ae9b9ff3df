public import Core
import Kernels

extension StateCodebooks {
    /// Vectors that a codebook learns from, where there are as many.
    private static let sampledVectors = 12_288

    /// Codebooks for passages like these. Some hundred of them are enough.
    ///
    /// - Parameter seed: of the sample and of k-means: the same seed, passages and machine give the same codebooks.
    /// - Throws: `invalidArgument` without passages, or for a head size that is no multiple of 4.
    public static func train(
        _ model: LlamaModel, on passages: [EncodedPassage], seed: UInt64
    ) throws(ImpRAGError) -> StateCodebooks {
        let layout = model.layout(model.middle)
        try check(layout)
        guard !passages.isEmpty else {
            throw ImpRAGError(.invalidArgument, "codebooks are trained on the states of at least one passage")
        }
        var random = SplitMix64(seed: seed)
        // Whole tokens, drawn from all passages: a token has a vector in each head.
        var drawn = passages.indices.flatMap { passage in
            (0..<passages[passage].keptTokenCount).map { (passage: passage, token: $0) }
        }
        drawn.shuffle(using: &random)
        let wanted = max(1, sampledVectors / layout.keyHeadCount)
        let places = Dictionary(grouping: drawn.prefix(wanted), by: \.passage).mapValues { $0.map(\.token).sorted() }
        var layers: [(keys: StateCodebook, values: StateCodebook)] = []
        for layer in layout.layers {
            var (keys, values): ([Float], [Float]) = ([], [])
            for (passage, tokens) in places.sorted(by: { $0.key < $1.key }) {
                let states = passages[passage].tokens.recall(layer: layer)
                let numbers = StateNumbers(
                    layout: layout, keys: states.keys, values: states.values,
                    places: [[Int]](repeating: tokens, count: layout.keyHeadCount))
                keys += numbers.keys
                values += numbers.values
            }
            let books = [keys, values].map { numbers in
                var trainer = StateCodebookTrainer(
                    numbers, headSize: layout.headSize, keyWidth: layout.keyWidth, seed: random.next(),
                    pool: model.pool)
                return trainer.train()
            }
            layers.append((books[0], books[1]))
        }
        return StateCodebooks(layout: layout, layers: layers)
    }
}
