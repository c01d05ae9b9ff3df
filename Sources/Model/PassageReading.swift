public import Core
import Kernels

/// Passages that are being read: their way through layers 0…t, in batches, between which other work may be done. Used by one
/// task at a time.
public final class PassageReading {
    private let model: LlamaModel
    private let encoding: PassageEncoding
    private let passages: [[Int32]]
    /// What runs as one sequence: each passage, or all of them joined.
    private let sequences: [[Int32]]
    private let firstPositions: [Int]
    /// Layers 0…b−1; dropped when the sequence has been read.
    private var lower: [KeyValueTokens?]
    /// Layers b…t.
    private var kept: [KeyValueTokens]
    /// States of sequences that need no reading.
    private let known: [Int: EncodedPassage]
    /// What counts each sequence's attention, where it is measured.
    private let received: [ReceivedAttention?]
    private var sequence = 0
    private var token = 0

    /// - Parameters:
    ///   - known: states of some passages, by place, that need no reading; `independent` only. They may be pruned.
    ///   - measuresAttention: finds out what each token receives from the others in layers b…t, which pruning needs; takes the
    ///     attention of one more layer. `independent` only.
    /// - Throws: as `LlamaModel.readPassages`.
    public init(
        _ model: LlamaModel, _ passages: [[Int32]], encoding: PassageEncoding,
        known: [Int: EncodedPassage] = [:], measuresAttention: Bool = false
    ) throws(ImpRAGError) {
        try model.requireAllLayers()
        precondition(
            known.isEmpty && !measuresAttention || encoding == .independent,
            "states of passages belong to independent encoding")
        self.model = model
        self.encoding = encoding
        self.passages = passages
        var total = 0
        var firstPositions: [Int] = []
        for (index, passage) in passages.enumerated() {
            let first = encoding == .independent ? 0 : total
            try model.check(passage, firstPosition: first, "passage \(index)")
            guard passage.count <= model.configuration.maxPassageTokens else {
                throw ImpRAGError(
                    .invalidArgument,
                    "passage \(index) has \(passage.count) tokens; at most \(model.configuration.maxPassageTokens) are expected"
                )
            }
            if let state = known[index], state.tokenCount != passage.count {
                throw ImpRAGError(
                    .invalidArgument,
                    "the states of passage \(index) are those of \(state.tokenCount) tokens; it has \(passage.count)")
            }
            firstPositions.append(first)
            total += passage.count
        }
        let isJoined = encoding == .concatenated && !passages.isEmpty
        sequences = isJoined ? [Array(passages.joined())] : passages
        self.firstPositions = isJoined ? [0] : firstPositions
        let below = model.layout(0..<model.configuration.bottomBoundary)
        lower = sequences.map { _ in KeyValueTokens(below) }
        kept = sequences.indices.map { known[$0]?.tokens ?? KeyValueTokens(model.layout(model.middle)) }
        self.known = known
        received = sequences.enumerated().map {
            measuresAttention && known[$0] == nil
                ? ReceivedAttention(
                    layers: model.middle, keyHeadCount: model.configuration.keyHeadCount, tokenCount: $1.count) : nil
        }
    }

    /// Reads some of what is left: at most `tokenLimit` tokens, at least one. False when there is nothing left.
    public func advance(tokenLimit: Int) -> Bool {
        var batch = Batch()
        var tokens: [ArraySlice<Int32>] = []
        var finished: [Int] = []
        let limit = max(1, min(tokenLimit, Batch.rowLimit))
        while sequence < sequences.count, batch.rows < limit {
            guard known[sequence] == nil, let below = lower[sequence] else {
                sequence += 1
                continue
            }
            let count = min(sequences[sequence].count - token, limit - batch.rows)
            batch.add(
                count: count, caches: [below, kept[sequence]], context: nil,
                rotation: model.rotary.rotation(at: firstPositions[sequence] + token, count: count),
                received: received[sequence])
            tokens.append(sequences[sequence][token..<token + count])
            token += count
            // The rest waits for the next batch: a batch has a sequence once.
            guard token == sequences[sequence].count else { break }
            finished.append(sequence)
            sequence += 1
            token = 0
        }
        guard batch.rows > 0 else { return false }
        model.workspaces.with { space in
            model.begin(batch, in: &space)
            for (part, rows) in zip(tokens, batch.sequences.map(\.rows)) {
                model.embed(part, at: rows.lowerBound, in: &space)
            }
            for layer in 0..<model.configuration.topBoundary { model.run(layer, batch, in: &space) }
            // Nobody reads what layer t would add to the passages' own stream.
            if batch.sequences.contains(where: { $0.received != nil }) {
                model.keepAndMeasure(model.configuration.topBoundary, batch, in: &space)
            } else {
                model.keepKeysAndValues(model.configuration.topBoundary, batch, in: &space)
            }
        }
        batch.finish()
        for index in finished { lower[index] = nil }
        return true
    }

    /// Tokens that are still to be read.
    public var remainingTokens: Int {
        sequences.indices.dropFirst(sequence).reduce(-token) { $0 + (known[$1] == nil ? sequences[$1].count : 0) }
    }

    /// What has been read, once `advance` says that nothing is left.
    public var state: PassageState {
        PassageState(
            tokenCounts: passages.map(\.count), parts: kept,
            spanCounts: encoding == .concatenated && !passages.isEmpty
                ? [passages.map(\.count)] : kept.map { [$0.count] })
    }

    /// Each passage's own states, once nothing is left; `independent` only.
    public var encoded: [EncodedPassage] {
        precondition(encoding == .independent, "only independent passages have states of their own")
        return kept.indices.map {
            known[$0] ?? EncodedPassage(tokens: kept[$0], received: received[$0])
        }
    }
}
