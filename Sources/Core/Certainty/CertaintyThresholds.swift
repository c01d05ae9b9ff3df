/// Below what an answer is refused: measured with questions (`imprag eval --calibrate`) and kept with the collection.
///
/// They mean something only for what they were measured with: the model, the search by words, the encoding and the
/// number of passages. The last two decide how much attention passages get.
public struct CertaintyThresholds: Hashable, Sendable, Codable {
    /// The model's fingerprint, 64 hexadecimal digits.
    public var fingerprint: String
    /// A `WordsMode`. A text, so that a mode of later versions does not make the whole manifest unreadable.
    public var words: String
    /// A `PassageEncoding`, for the same reason a text.
    public var encoding: String
    public var k: Int
    /// The least best score by vector; nil when it does not count.
    public var vectorScore: Float?
    /// The least best score by words; nil when it does not count.
    public var wordsScore: Float?
    /// The least attention mass of all passages together; nil when it does not count.
    public var passageMass: Float?
    /// Questions that they were measured with.
    public var questions: Int

    public init(
        fingerprint: String, words: WordsMode, encoding: PassageEncoding, k: Int, vectorScore: Float? = nil,
        wordsScore: Float? = nil, passageMass: Float? = nil, questions: Int
    ) {
        self.fingerprint = fingerprint
        self.words = words.rawValue
        self.encoding = encoding.rawValue
        self.k = k
        self.vectorScore = vectorScore
        self.wordsScore = wordsScore
        self.passageMass = passageMass
        self.questions = questions
    }

    /// Whether both are for the same requests: then only one of them can hold.
    public func isFor(sameAs other: CertaintyThresholds) -> Bool {
        (fingerprint, words, encoding, k) == (other.fingerprint, other.words, other.encoding, other.k)
    }

    /// Whether the scores are too low: every list that counts has its best below its threshold. So with words fused,
    /// one good list is enough.
    public func isLow(_ signals: CertaintySignals) -> Bool {
        let lists = [(signals.vectorScore, vectorScore), (signals.wordsScore, wordsScore)]
        let counting = lists.compactMap { best, least in least.map { (best ?? -.infinity) < $0 } }
        return !counting.isEmpty && counting.allSatisfy { $0 }
    }

    /// Whether the passages got too little attention.
    public func isUnsupported(_ signals: CertaintySignals) -> Bool {
        guard let mass = signals.passageMass, let passageMass else { return false }
        return mass < passageMass
    }
}
