public import Core
import Kernels

/// The prefill of passages: their way through layers 0…t, in batches between which other work may run. Used by one task
/// at a time.
public final class PassageReading {
    private let model: LlamaModel
    private let encoding: PassageEncoding
    private let passages: [[Int32]]
    private let sequences: [PassageSequence]
    /// Layers 0…b−1; dropped when the sequence has been read.
    private var lower: [KeyValueTokens?]
    /// Layers b…t.
    private var kept: [KeyValueTokens]
    /// Counts the attention that each sequence's tokens receive, where that is measured.
    private var received: [ReceivedAttention?]
    /// Sequences that are known or have been read.
    private var states: [Int: EncodedPassage]
    private let finishing: ((Int, EncodedPassage) -> EncodedPassage)?
    private let embeds: Bool
    /// Embeddings E_p of the passages that have been read, `[passages × h_k·d_h]` in their order: the bits that
    /// `LlamaModel.embedPassages` gives. Empty unless they were asked for.
    public private(set) var embeddings: [Float] = []
    private var sequence = 0
    private var token = 0

    /// - Parameters:
    ///   - known: states of some of the passages' sequences, by place, that need no reading. They may be pruned.
    ///   - measuresAttention: measures the attention that each token receives in layers b…t, which pruning needs; costs
    ///     the attention of one more layer. `independent` only.
    ///   - embeds: computes the passages' embeddings on the way; `independent` and without known states only.
    ///   - finishing: called with the place and the states of each sequence that was read; returns the states to use
    ///     instead.
    /// - Throws: as `LlamaModel.readPassages`.
    public init(
        _ model: LlamaModel, _ passages: [[Int32]], encoding: PassageEncoding,
        known: [Int: EncodedPassage] = [:], measuresAttention: Bool = false,
        embeds: Bool = false, finishing: ((Int, EncodedPassage) -> EncodedPassage)? = nil
    ) throws(ImpRAGError) {
        precondition(!measuresAttention || encoding == .independent, "pruning is of passages that are read alone")
        precondition(
            !embeds || encoding == .independent && known.isEmpty, "an embedding is of a passage that is read alone")
        self.model = model
        self.encoding = encoding
        self.passages = passages
        self.finishing = finishing
        self.embeds = embeds
        try model.check(passages, encoding: encoding)
        sequences = PassageSequence.sequences(of: passages, encoding: encoding)
        let (below, middle) = (model.layout(0..<model.configuration.bottomBoundary), model.layout(model.middle))
        for (index, state) in known {
            guard sequences.indices.contains(index), state.tokens.layout == middle,
                state.tokenCount == sequences[index].tokens.count
            else {
                throw ImpRAGError(
                    .invalidArgument,
                    "the states of passage \(index) are those of \(state.tokenCount) tokens of some model; they are of another passage"
                )
            }
        }
        states = known
        lower = sequences.map { _ in KeyValueTokens(below) }
        kept = sequences.indices.map { known[$0]?.tokens ?? KeyValueTokens(middle) }
        received = sequences.enumerated().map {
            measuresAttention && known[$0] == nil
                ? ReceivedAttention(
                    layers: model.middle, keyHeadCount: model.configuration.keyHeadCount, tokenCount: $1.tokens.count)
                : nil
        }
    }

    /// Prefills a chunk of what is left: at most `tokenLimit` tokens, at least one. False when nothing is left.
    public func advance(tokenLimit: Int) -> Bool {
        var batch = Batch()
        var tokens: [ArraySlice<Int32>] = []
        var finished: [Int] = []
        let limit = max(1, min(tokenLimit, Batch.rowLimit))
        while sequence < sequences.count, batch.rows < limit {
            guard states[sequence] == nil, let below = lower[sequence] else {
                sequence += 1
                continue
            }
            let count = min(sequences[sequence].tokens.count - token, limit - batch.rows)
            batch.add(
                count: count, caches: [below, kept[sequence]], context: nil,
                rotation: model.rotary.rotation(at: sequences[sequence].firstPosition + token, count: count),
                received: received[sequence])
            tokens.append(sequences[sequence].tokens[token..<token + count])
            token += count
            // The rest goes into the next batch: a sequence occurs in a batch once.
            guard token == sequences[sequence].tokens.count else { break }
            finished.append(sequence)
            sequence += 1
            token = 0
        }
        guard batch.rows > 0 else { return false }
        run(&batch, tokens, ends: embeds ? batch.sequences.prefix(finished.count).map { $0.rows.upperBound - 1 } : [])
        batch.finish()
        for index in finished { finish(index) }
        return true
    }

    /// Tokens that are still to be read.
    public var remainingTokens: Int {
        sequences.indices.dropFirst(sequence).reduce(-token) {
            $0 + (states[$1] == nil ? sequences[$1].tokens.count : 0)
        }
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
        return sequences.indices.compactMap { states[$0] }
    }

    /// - Parameter ends: rows of last tokens whose embeddings are wanted.
    private func run(_ batch: inout Batch, _ tokens: [ArraySlice<Int32>], ends: [Int]) {
        let (boundary, top) = (model.configuration.bottomBoundary, model.configuration.topBoundary)
        model.workspaces.with { space in
            model.begin(batch, in: &space)
            for (part, rows) in zip(tokens, batch.sequences.map(\.rows)) {
                model.embed(part, at: rows.lowerBound, in: &space)
            }
            for layer in 0..<boundary { model.run(layer, &batch, in: &space) }
            embeddings += model.passageEmbeddings(ofRows: ends, batch: batch, in: &space)
            for layer in boundary..<top { model.run(layer, &batch, in: &space) }
            // What layer t would add to the passages' residual stream is never read.
            let measures = batch.sequences.contains { $0.received != nil }
            model.run(top, &batch, for: measures ? .receivedAttention : .states, in: &space)
        }
    }

    private func finish(_ index: Int) {
        lower[index] = nil
        let read = EncodedPassage(tokens: kept[index], received: received[index])
        received[index] = nil
        let state = finishing?(index, read) ?? read
        states[index] = state
        kept[index] = state.tokens
    }
}
