public import Core

/// States of passages that are stored before anybody asks for them.
extension ImpRAGModel {
    /// The keys under which a generator with an equal coder looks for the passages' states, in order.
    public func stateKeys(of passages: [Passage], coder: StateCoder) throws(ImpRAGError) -> [StateKey] {
        try sequences(of: passages).map { stateKey(of: $0, coder: coder) }
    }

    /// Reads passages, each by itself, for their embeddings and their states in one pass through the model. Needs all
    /// layers.
    ///
    /// - Parameter take: called with each passage's index and state, in order, soon after it has been read: states are
    ///   large. They decode to what a generator with an equal coder computes.
    /// - Returns: what `embed(passages:)` returns, bit for bit.
    public func read(
        _ passages: [Passage], coder: StateCoder, _ take: (Int, [UInt8]) throws(ImpRAGError) -> Void
    ) throws(ImpRAGError) -> [Float] {
        var embeddings: [Float] = []
        embeddings.reserveCapacity(passages.count * configuration.embeddingDimension)
        for first in stride(from: 0, to: passages.count, by: Self.readTogether) {
            let reading = try read(
                passages[first..<min(first + Self.readTogether, passages.count)],
                measuresAttention: coder.keepsHalf)
            embeddings += reading.embeddings
            for (place, state) in coder.encode(reading.encoded).enumerated() { try take(first + place, state) }
        }
        return embeddings
    }

    /// Passages whose states are in memory at once: about 2 MB each for a model of a billion weights, 7 MB for three
    /// billion.
    private static let readTogether = 32

    /// Codebooks for states of passages like these. Needs all layers.
    public func trainStateCodebooks(on passages: [Passage], seed: UInt64) throws(ImpRAGError) -> StateCodebooks {
        try StateCodebooks.train(
            model, on: try read(passages[...], measuresAttention: false).encoded, seed: seed)
    }

    private func read(
        _ passages: ArraySlice<Passage>, measuresAttention: Bool
    ) throws(ImpRAGError) -> PassageReading {
        let reading = try PassageReading(
            model, sequences(of: Array(passages)).map(\.tokens), encoding: .independent,
            measuresAttention: measuresAttention, embeds: true)
        while reading.advance(tokenLimit: .max) {}
        try model.check(embeddings: reading.embeddings) {
            Self.name(of: passages[passages.startIndex + $0], at: passages.startIndex + $0)
        }
        return reading
    }
}
