public import Core
internal import Platform
public import Wire

/// An answer with everything that it takes to compute it again (docs/certainty.md has the file's fields).
public struct AnswerReceipt: Sendable, Hashable {
    /// A passage that was read.
    public struct Source: Sendable, Hashable {
        public let id: String
        /// The SHA-256 of what the model read: `digest(of:)`.
        public let digest: [UInt8]
        public let score: Float
        public let byVector: ListPlace?
        public let byWords: ListPlace?

        init(id: String, digest: [UInt8], score: Float, byVector: ListPlace?, byWords: ListPlace?) {
            self.id = id
            self.digest = digest
            self.score = score
            self.byVector = byVector
            self.byWords = byWords
        }

        public init(_ found: ScoredPassage) {
            self.init(
                id: found.passage.id, digest: AnswerReceipt.digest(of: found.passage), score: found.score,
                byVector: found.byVector, byWords: found.byWords)
        }
    }

    /// Version of the file.
    public static let format = 1
    /// A receipt of a long answer over many passages has some ten thousand bytes.
    public static let byteLimit = 16 << 20

    /// What it was made with. Its `k`, encoding, weight and sampling stand in `request`.
    public let record: AskRecord
    /// With nothing left open.
    public let request: AskRequest
    /// Best first.
    public let passages: [Source]
    public let answer: String
    public let tokens: [Int32]
    public let end: AnswerEnd
    /// The attention mass of each passage; empty when no answer was begun.
    public let attention: [Float]
    /// Why the answer was not given; nil when it was.
    public let abstention: Abstention?

    init(
        record: AskRecord, request: AskRequest, passages: [Source], text: String, tokens: [Int32], end: AnswerEnd,
        attention: [Float], abstention: Abstention?
    ) {
        self.record = record
        self.request = request
        self.passages = passages
        self.answer = text
        self.tokens = tokens
        self.end = end
        self.attention = attention
        self.abstention = abstention
    }

    /// The receipt of an answer that has ended.
    ///
    /// - Parameters:
    ///   - asked: the request as its client made it.
    ///   - sources: with the passages' texts.
    ///   - text: all that was generated, even if it was not given.
    /// - Throws: `failedPrecondition` when the cluster is of a version that says too little.
    public init(
        asked: AskRequest, _ sources: AskSources?, _ text: String, _ tokens: [AnswerToken], _ done: AskDone
    ) throws(ImpRAGError) {
        guard let record = done.record, let sources else {
            throw ImpRAGError(
                .failedPrecondition, "the coordinator does not say what the answer was made with: update it")
        }
        var request = asked
        request.k = record.k
        request.encoding = record.encoding
        request.sampling = record.sampling
        request.words.weight = record.wordsWeight
        request.abstains = record.abstains
        self.init(
            record: record, request: request,
            passages: sources.passages.map(Source.init), text: text, tokens: tokens.compactMap(\.token), end: done.end,
            attention: done.passageAttention,
            abstention: done.abstention)
    }

    /// The SHA-256 of a passage's title, a zero byte, and its text.
    static func digest(of passage: Passage) -> [UInt8] {
        SHA256.digest(of: Array(passage.title.utf8) + [0] + Array(passage.text.utf8))
    }

    /// The newest epoch that any of its partitions had applied.
    public var epoch: Int { record.partitions.map(\.epoch).max() ?? 0 }

    /// The request that computes it again: it waits for the epoch that was searched.
    public var replay: AskRequest {
        var request = request
        request.options.minEpoch = max(request.options.minEpoch, epoch)
        request.omitPassageText = false
        return request
    }
}
