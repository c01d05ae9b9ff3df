public import Core
public import Model

/// States of passages that are stored before anybody asks for them.
extension ImpRAGModel {
    /// The names of the passages' states, in order: those that a generator with an equal coder looks for.
    public func stateKeys(of passages: [Passage], coder: StateCoder) throws(ImpRAGError) -> [StateKey] {
        var keys: [StateKey] = []
        keys.reserveCapacity(passages.count)
        for passage in passages {
            keys.append(stateKey(of: PassageSequence(passage: try passageTokens(passage)), coder: coder))
        }
        return keys
    }

    /// The passages' states, each read by itself, in order. They decode to what a generator with an equal coder computes.
    /// Needs all layers.
    public func states(of passages: [Passage], coder: StateCoder) throws(ImpRAGError) -> [[UInt8]] {
        try read(passages, measuresAttention: coder.keepsHalf).map { coder.encode($0) }
    }

    /// Codebooks for states of passages like these. Needs all layers.
    public func trainStateCodebooks(on passages: [Passage], seed: UInt64) throws(ImpRAGError) -> StateCodebooks {
        try StateCodebooks.train(model, on: try read(passages, measuresAttention: false), seed: seed)
    }

    private func read(_ passages: [Passage], measuresAttention: Bool) throws(ImpRAGError) -> [EncodedPassage] {
        var sequences: [[Int32]] = []
        for passage in passages { sequences.append(try passageTokens(passage)) }
        let reading = try PassageReading(
            model, sequences, encoding: .independent, measuresAttention: measuresAttention)
        while reading.advance(tokenLimit: .max) {}
        return reading.encoded
    }
}
