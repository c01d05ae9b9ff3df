import Kernels

/// Tokens of several sequences that go through the layers together, one row each; the rows of a sequence are adjacent.
struct Batch {
    struct Sequence {
        /// Of the batch.
        var rows: Range<Int>
        /// Caches that together have all layers that are run.
        let caches: [KeyValueTokens]
        /// What layers b…t see besides the sequence itself.
        let context: AttentionContext?
        /// Of the rows' positions.
        let rotation: Rotation
        /// The sequence's new tokens; more than `rows` once only the last is wanted.
        let newTokens: Int
        /// New tokens that `finish` commits; the others are proposals.
        let keptTokens: Int
        /// New tokens before the first proposal that overflows (`drop`).
        fileprivate(set) var finiteTokens: Int
        /// Counts the attention that its own tokens receive.
        let received: ReceivedAttention?
        /// Rows, the last ones, whose attention to each passage is measured.
        fileprivate(set) var measuredRows: Int
    }

    private(set) var sequences: [Sequence] = []
    private(set) var rows = 0

    /// Rows of a batch at most: enough for products to run at full speed, few enough for activations to stay small.
    static let rowLimit = 1024

    /// Adds a sequence's next `count` tokens, for which its caches make room.
    ///
    /// - Parameters:
    ///   - proposed: how many of them, the last ones, have yet to turn out right: their keys and values are written,
    ///     but not committed.
    ///   - measured: how many of them, the last ones, have their attention to each passage measured.
    mutating func add(
        count: Int, proposed: Int = 0, caches: [KeyValueTokens], context: AttentionContext?, rotation: Rotation,
        received: ReceivedAttention? = nil, measured: Int = 0
    ) {
        for cache in caches { cache.reserve(cache.count + count) }
        sequences.append(
            Sequence(
                rows: rows..<rows + count, caches: caches, context: context, rotation: rotation, newTokens: count,
                keptTokens: count - proposed, finiteTokens: count, received: received,
                measuredRows: measured))
        rows += count
    }

    /// Gives up the proposals of sequence `index` from its new token `place` on.
    mutating func drop(from place: Int, ofSequence index: Int) {
        precondition(place >= sequences[index].keptTokens, "a token that is no proposal is dropped")
        sequences[index].finiteTokens = min(sequences[index].finiteTokens, place)
    }

    /// Keeps each sequence's last row alone, in the order of sequences.
    mutating func keepLastRows() {
        for index in sequences.indices {
            sequences[index].rows = index..<index + 1
            sequences[index].measuredRows = min(1, sequences[index].measuredRows)
        }
        rows = sequences.count
    }

    /// Commits the new tokens to all caches, once every layer has computed their keys and values.
    func finish() {
        for sequence in sequences {
            for cache in sequence.caches { cache.advance(by: sequence.keptTokens) }
        }
    }
}
