/// Lexical search settings of one request.
public struct WordsOptions: Hashable, Sendable {
    public var mode: WordsMode
    /// Weight of the list by words in `fuse`, 0 to 1; the list by vectors gets the rest. Nil: as calibrated when the
    /// collection was indexed.
    public var weight: Double?

    public static let weightRange = 0.0...1.0
    /// The weight for a collection that was not calibrated.
    public static let defaultWeight = 0.5
    /// The least depth of each list to fuse. A passage beyond rank 100 of one list counts for less than 1/160 of that
    /// list's weight, while each of the first ten counts for more than 1/70.
    public static let leastDepth = 100

    public init(mode: WordsMode = .off, weight: Double? = nil) {
        self.mode = mode
        self.weight = weight
    }

    /// How deep each list has to be for the best `k` of a search.
    public func depth(k: Int) -> Int { mode == .off ? k : max(k, Self.leastDepth) }

    /// Throws `invalidArgument` with what is out of range.
    public func validate() throws(ImpRAGError) {
        guard let weight else { return }
        guard mode == .fuse else {
            throw ImpRAGError(
                .invalidArgument, "the weight of words is \(weight), but words are \(mode); a weight is for fuse alone")
        }
        guard Self.weightRange.contains(weight) else {
            throw ImpRAGError(.invalidArgument, "the weight of words is \(weight); 0 to 1 is allowed")
        }
    }
}
