extension Partition {
    /// What an upsert did.
    public struct Change: Sendable, Equatable {
        /// One row for each passage of the call, in that order.
        public let rows: Range<Int>
        /// Rows that are dead from now on, ascending: the passages' former ones, and those of `rows` whose passage
        /// comes again later in the same call.
        public let replaced: [Int]
        /// Lengths in terms of the passages of `rows`; 0 for those that come again, and without a lexical index.
        public let lengths: [Int]
    }
}
