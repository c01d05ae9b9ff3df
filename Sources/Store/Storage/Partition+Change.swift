public import Core

extension Partition {
    /// What a write did.
    public struct Change: Sendable, Equatable {
        /// New rows, one for each id that was upserted: of several passages with one id the last has it.
        public let rows: Range<Int>
        /// Rows that died, ascending: those of passages that were replaced or deleted.
        public let replaced: [Int]
        /// Lengths in terms of the passages of `rows`; 0 without a lexical index.
        public let lengths: [Int]
        /// The vectors of `rows`: `[rows.count × dimension]`.
        public let vectors: [BFloat16]
    }
}

/// What a segment of the log did to a partition.
public struct AppliedChanges: Sendable, Equatable {
    public let change: Partition.Change
    /// By the number of the update in the segment, for those that have changes here.
    public let outcomes: [Int: UpdateOutcome]
}
