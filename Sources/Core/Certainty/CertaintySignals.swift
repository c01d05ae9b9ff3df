/// What an answer's certainty is told from.
public struct CertaintySignals: Hashable, Sendable {
    /// The best score by vector of the passages found; nil when none was found by vector.
    public var vectorScore: Float?
    /// The best score by words of the passages found; nil when none was found by words.
    public var wordsScore: Float?
    /// The attention mass of all passages together; nil before there is an answer.
    public var passageMass: Float?

    public init(vectorScore: Float? = nil, wordsScore: Float? = nil, passageMass: Float? = nil) {
        self.vectorScore = vectorScore
        self.wordsScore = wordsScore
        self.passageMass = passageMass
    }

    /// - Parameters:
    ///   - passages: what the model reads.
    ///   - words: how they were found.
    ///   - attention: the mass of each; nil before there is an answer.
    public init(_ passages: [ScoredPassage], words: WordsMode, attention: [Float]? = nil) {
        switch words {
        case .off: vectorScore = passages.map(\.score).max()
        case .only: wordsScore = passages.map(\.score).max()
        // A fused score says only how early a passage stands in the lists, whatever stands there.
        case .fuse:
            vectorScore = passages.compactMap { $0.byVector?.score }.max()
            wordsScore = passages.compactMap { $0.byWords?.score }.max()
        }
        passageMass = attention.map { $0.reduce(0, +) }
    }
}
