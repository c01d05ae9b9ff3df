/// The attention that the tokens of one sequence receive in each layer and key head: softmax weights, summed over rows
/// and the head's query heads.
///
/// Summed as integers, so that the sums are the same however the rows are split among batches and threads.
@safe public final class ReceivedAttention: @unchecked Sendable {
    // Sendable because the kernels add atomically, and readers start after the last of them.
    private let sums: UnsafeMutablePointer<UInt64>
    private let layers: Range<Int>
    private let keyHeadCount: Int
    let tokenCount: Int

    /// - Parameters:
    ///   - layers: the layers to count.
    ///   - tokenCount: the whole sequence's.
    public init(layers: Range<Int>, keyHeadCount: Int, tokenCount: Int) {
        self.layers = layers
        self.keyHeadCount = keyHeadCount
        self.tokenCount = tokenCount
        let count = layers.count * keyHeadCount * tokenCount
        unsafe sums = .allocate(capacity: max(1, count))
        unsafe sums.initialize(repeating: 0, count: count)
    }

    deinit {
        unsafe sums.deallocate()
    }

    /// `[key heads × tokens]`.
    func sums(layer: Int) -> UnsafeMutablePointer<UInt64>? {
        guard layers.contains(layer) else { return nil }
        return unsafe sums + (layer - layers.lowerBound) * keyHeadCount * tokenCount
    }

    /// `[tokens]`, in units of 2⁻²⁰.
    public func weights(layer: Int, keyHead: Int) -> [UInt64] {
        defer { withExtendedLifetime(self) {} }
        precondition(layers.contains(layer) && (0..<keyHeadCount).contains(keyHead), "layer \(layer) does not count")
        let first = ((layer - layers.lowerBound) * keyHeadCount + keyHead) * tokenCount
        return (first..<first + tokenCount).map { unsafe sums[$0] }
    }
}
