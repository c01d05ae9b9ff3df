import CKernels

/// What rows attend to besides their own sequence: whole sequences of tokens, in a fixed order. Immutable.
@safe public final class AttentionContext: Sendable {
    /// The tokens of each passage, numbered through all parts; each part starts at a multiple of a block's tokens.
    public let spans: [Range<Int>]
    public let parts: [KeyValueTokens]

    // Sendable because nobody writes after `init`; what they point to lives as long as `parts` and this object.
    nonisolated(unsafe) let tokens: UnsafeMutablePointer<imprag_tokens>
    nonisolated(unsafe) let spanNumbers: UnsafeMutablePointer<Int>

    /// - Parameters:
    ///   - parts: no longer written to; all of the same layout.
    ///   - spanCounts: tokens of the passages in each part; their sum is the part's count.
    public init(_ parts: [KeyValueTokens], spanCounts: [[Int]]) {
        precondition(
            parts.count == spanCounts.count
                && zip(parts, spanCounts).allSatisfy { $0.count == $1.reduce(0, +) && $0.layout == parts[0].layout },
            "\(spanCounts) tokens are not those of \(parts.map(\.count))")
        self.parts = parts
        var spans: [Range<Int>] = []
        var first = 0
        for (part, counts) in zip(parts, spanCounts) {
            var start = first
            for count in counts {
                spans.append(start..<start + count)
                start += count
            }
            first += KeyValueLayout.blocks(part.count) * KeyValueLayout.blockTokens
        }
        self.spans = spans
        unsafe tokens = .allocate(capacity: max(1, parts.count))
        for (index, part) in parts.enumerated() {
            unsafe (tokens + index).initialize(to: imprag_tokens(blocks: part.pointers, count: part.count))
        }
        unsafe spanNumbers = .allocate(capacity: max(1, 2 * spans.count))
        for (index, span) in spans.enumerated() {
            unsafe (spanNumbers + 2 * index).initialize(to: span.lowerBound)
            unsafe (spanNumbers + 2 * index + 1).initialize(to: span.count)
        }
    }

    deinit {
        unsafe tokens.deallocate()
        unsafe spanNumbers.deallocate()
    }

    /// Tokens of all parts.
    public var count: Int { parts.reduce(0) { $0 + $1.count } }
}
