import CKernels

/// What the ranks of many lists are between, before all of their centroids have been read.
public struct RankBounds: Sendable {
    /// `[count]`: no list's rank is below its number here.
    public private(set) var lower: [Float]
    /// `[count]`: no list's rank is above its number here.
    public private(set) var upper: [Float]
    private var places: [UInt32]

    /// Room for `count` lists.
    public init(count: Int) {
        lower = [Float](repeating: 0, count: count)
        upper = lower
        places = [UInt32](repeating: 0, count: count)
    }

    /// Numbers of the lists, `[count]` each, and what the query multiplies them by.
    public struct Terms {
        /// Added as they are.
        public var parts: [Float]
        public var spreads: (numbers: [Float], factor: Float)
        /// What the sum of the former may be off by, in both directions; none of them negative.
        public var rests: (numbers: [Float], factor: Float)
        public var norms: (numbers: [Float], factor: Float)
        /// What a spread's term may be off by, relative to the spread.
        public var roundingOfSpreads: Float

        public init(
            parts: [Float], spreads: (numbers: [Float], factor: Float), rests: (numbers: [Float], factor: Float),
            norms: (numbers: [Float], factor: Float), roundingOfSpreads: Float
        ) {
            self.parts = parts
            self.spreads = spreads
            self.rests = rests
            self.norms = norms
            self.roundingOfSpreads = roundingOfSpreads
        }
    }

    /// Computes both bounds: parts and spreads, less and plus rests, norms and the rounding of spreads.
    public mutating func set(_ terms: Terms) {
        let count = lower.count
        precondition(
            [terms.parts, terms.spreads.numbers, terms.rests.numbers, terms.norms.numbers].allSatisfy {
                $0.count == count
            }, "not every one of \(count) lists has its numbers")
        unsafe terms.parts.withUnsafeBufferPointer { parts in
            unsafe terms.spreads.numbers.withUnsafeBufferPointer { spreads in
                unsafe terms.rests.numbers.withUnsafeBufferPointer { rests in
                    unsafe terms.norms.numbers.withUnsafeBufferPointer { norms in
                        var all = unsafe imprag_rank_terms(
                            parts: parts.baseAddress, spreads: spreads.baseAddress, rests: rests.baseAddress,
                            norms: norms.baseAddress, spread: terms.spreads.factor, rest: terms.rests.factor,
                            slack: terms.norms.factor, rounding: terms.roundingOfSpreads)
                        unsafe imprag_bound_ranks(&all, count, &lower, &upper)
                    }
                }
            }
        }
    }

    /// The lists whose upper bounds are not below `least`, ascending.
    public mutating func reaching(_ least: Float) -> ArraySlice<UInt32> {
        let found = unsafe imprag_places_from(upper, upper.count, least, &places)
        return places[..<found]
    }
}
