public import Core
internal import Indexing

/// An answer as TREC's RAG track takes it: sentences, each with the documents that support it.
///
/// One JSON object on a line. Source: the track's guidelines of 2024 and 2025 (trec-rag.github.io).
///
///     2024  {"run_id","topic_id","topic","references":[id, …],"response_length","answer":[{"text","citations":[0, …]}]}
///     2025  {"metadata":{"team_id","run_id","type","narrative_id","narrative"},"references","answer"}
///
/// `references` are the documents that the model read, best first; `citations` are places in them, the strongest first.
public struct TRECAnswer: Sendable, Equatable {
    /// The year whose format it is.
    public enum Format: String, Sendable, CaseIterable {
        case year2024 = "2024"
        case year2025 = "2025"

        /// References that the track takes.
        var referenceLimit: Int { self == .year2024 ? 20 : 100 }
    }

    /// A sentence of the answer.
    public struct Sentence: Sendable, Equatable {
        public let text: String
        /// Places in `references`, from 0, the strongest first; at most three.
        public let citations: [Int]
    }

    /// A sentence cites the documents that got at least this share of the attention that its strongest one got.
    private static let citedShare: Float = 0.5
    /// And no more than this.
    private static let citationLimit = 3

    /// Ids of the documents that the model read, best first, each once.
    public let references: [String]
    /// In the answer's order.
    public let sentences: [Sentence]
    private let format: Format

    /// - Parameters:
    ///   - tokens: the answer's, with the attention that each gave to each of `passages`; none for a question without
    ///     an answer.
    ///   - passages: those that the model read, in rank order.
    public init(tokens: [AnswerToken], passages: [Passage], format: Format) {
        self.format = format
        var (references, places, known): ([String], [Int?], [ByteString: Int]) = ([], [], [:])
        for passage in passages {
            let document = CorpusDocument.parsePieceID(passage.id)?.document ?? passage.id
            if known[ByteString(document)] == nil, references.count < format.referenceLimit {
                known[ByteString(document)] = references.count
                references.append(document)
            }
            places.append(known[ByteString(document)])
        }
        self.references = references
        let text = tokens.map(\.text).joined()
        let ranges = SentenceRanges.of(text)
        // White space before a sentence is often part of its first token. A token counts where its text ends.
        let starts = [0] + ranges.dropLast().map(\.upperBound)
        sentences = zip(starts, ranges).map { start, range in
            var (masses, offset) = ([Float](repeating: 0, count: references.count), 0)
            for token in tokens {
                let place = offset + max(0, token.text.utf8.count - 1)
                if (start..<range.upperBound).contains(place) {
                    for case (let place?, let share) in zip(places, token.passageAttention) { masses[place] += share }
                }
                offset += token.text.utf8.count
            }
            return Sentence(
                text: String(decoding: Array(text.utf8)[range], as: UTF8.self), citations: Self.citations(masses))
        }
    }

    private static func citations(_ masses: [Float]) -> [Int] {
        guard let most = masses.max(), most > 0 else { return [] }
        let cited = masses.indices.filter { masses[$0] >= citedShare * most }
        return Array(cited.sorted { (masses[$1], $0) < (masses[$0], $1) }.prefix(citationLimit))
    }

    /// Words between white space, in all sentences.
    public var wordCount: Int { sentences.reduce(0) { $0 + $1.text.split(whereSeparator: \.isWhitespace).count } }

    /// The JSON object of the answer to `topic`.
    ///
    /// - Parameters:
    ///   - run: the system's name.
    ///   - team: the team's, which the format of 2025 has.
    public func line(topicID: String, topic: String, run: String, team: String) -> JSONLine {
        var line = JSONLine()
        switch format {
        case .year2024:
            line.add("run_id", run)
            line.add("topic_id", topicID)
            line.add("topic", topic)
        case .year2025:
            var metadata = JSONLine()
            metadata.add("team_id", team)
            metadata.add("run_id", run)
            metadata.add("type", "automatic")
            metadata.add("narrative_id", topicID)
            metadata.add("narrative", topic)
            line.add("metadata", metadata)
        }
        line.add("references", references)
        if format == .year2024 { line.add("response_length", wordCount) }
        line.add(
            "answer",
            sentences.map { sentence in
                var line = JSONLine()
                line.add("text", sentence.text)
                line.add("citations", sentence.citations)
                return line
            })
        return line
    }
}
