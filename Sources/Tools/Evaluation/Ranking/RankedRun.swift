// A TREC run: `query Q0 document rank score tag` a line, between white space. As for trec_eval the score alone orders
// documents; the rank is for people.

public import Core
internal import Platform

/// What a system found for each query.
public struct RankedRun: Sendable, Equatable {
    /// One found document.
    public struct Entry: Sendable, Equatable {
        public let document: ByteString
        /// float32, because trec_eval ties scores that differ in more digits.
        public let score: Float

        public init(document: ByteString, score: Float) {
            self.document = document
            self.score = score
        }
    }

    /// Each query's documents, best first.
    public private(set) var rankings: [ByteString: [Entry]] = [:]

    public init() {}

    /// Reads a file, plain or gzip.
    ///
    /// - Throws: `invalidArgument` with file and line for what is no line of a run and for a document found twice.
    public init(path: String) throws(ImpRAGError) {
        var lines = try FileLineReader(path: path)
        var seen: [ByteString: Set<ByteString>] = [:]
        while let line = try lines.next() {
            if line.isBlank { continue }
            let texts = Fields(try line.text(in: path), expecting: 6).texts
            func bad(_ what: String) -> ImpRAGError {
                ImpRAGError(.invalidArgument, "\(line.place(in: path)): \(what)")
            }
            guard texts.count == 6 else {
                throw bad("\(texts.count) columns; 6 are right: query, Q0, document, rank, score, tag")
            }
            guard let score = Float(texts[4]), score.isFinite else {
                throw bad("the score is '\(texts[4])'; a finite number is right")
            }
            let (query, document) = (ByteString(texts[0]), ByteString(texts[2]))
            guard seen[query, default: []].insert(document).inserted else {
                throw bad("document '\(texts[2])' is found a second time for query '\(texts[0])'")
            }
            rankings[query, default: []].append(Entry(document: document, score: score))
        }
        guard !rankings.isEmpty else { throw ImpRAGError(.invalidArgument, "\(path) holds no run") }
        rankings = rankings.mapValues(Self.ordered)
    }

    /// trec_eval's order: the greater score first; of equal scores the document whose name's bytes are greater.
    static func ordered(_ entries: [Entry]) -> [Entry] {
        entries.sorted { $0.score != $1.score ? $0.score > $1.score : $0.document > $1.document }
    }

    /// Sets what was found for `query`, in any order.
    public mutating func set(_ query: ByteString, _ entries: [Entry]) {
        rankings[query] = Self.ordered(entries)
    }

    /// Throws `invalidArgument` for a name that is empty or has white space in it, which the format cannot hold.
    public static func checkName(_ name: String) throws(ImpRAGError) {
        guard name.isEmpty || name.contains(where: \.isWhitespace) else { return }
        throw ImpRAGError(
            .invalidArgument, "'\(name)' cannot stand in a TREC run: names there are not empty and have no white space")
    }

    /// The lines of a run file for one query.
    ///
    /// - Throws: as `checkName`.
    public func lines(for query: ByteString, tag: String) throws(ImpRAGError) -> [String] {
        var lines: [String] = []
        for (place, entry) in (rankings[query] ?? []).enumerated() {
            for name in [query.text, entry.document.text] { try Self.checkName(name) }
            lines.append("\(query.text) Q0 \(entry.document.text) \(place + 1) \(entry.score) \(tag)")
        }
        return lines
    }
}
