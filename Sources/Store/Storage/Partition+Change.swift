extension Partition {
    /// What an upsert did.
    public struct Change: Sendable, Equatable {
        /// One row for each passage of the call, in that order.
        public let rows: Range<Int>
        /// Rows that died, ascending: the passages' former rows, and those of `rows` whose id comes again later in the
        /// same call.
        public let replaced: [Int]
        /// Lengths in terms of the passages of `rows`; 0 for those whose id comes again, and without a lexical index.
        public let lengths: [Int]
    }
}
