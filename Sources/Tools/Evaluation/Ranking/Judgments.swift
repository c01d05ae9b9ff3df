// Judgments come in two formats. TREC's qrels: `query iteration document grade`, between white space. BEIR's: a line
// `query-id corpus-id score`, then `query document grade`, between tabs.

public import Core
internal import Platform

/// Which documents answer which queries, and how well.
public struct Judgments: Sendable, Equatable {
    /// Query to document to grade; a grade of 1 or more is relevant.
    public private(set) var grades: [ByteString: [ByteString: Int]] = [:]

    public init() {}

    /// Reads a file, plain or gzip, in either format.
    ///
    /// - Throws: `invalidArgument` with file and line for what is no judgment and for a document judged twice.
    public init(path: String) throws(ImpRAGError) {
        var lines = try FileLineReader(path: path)
        var columns: Int?
        while let line = try lines.next() {
            if line.isBlank { continue }
            let fields = Fields(try line.text(in: path), expecting: columns)
            let place = line.place(in: path)
            if columns == nil {
                columns = fields.texts.count == 3 ? 3 : 4
                if fields.texts == ["query-id", "corpus-id", "score"] { continue }
            }
            try add(fields.texts, columns: columns ?? 4, place)
        }
        guard !grades.isEmpty else { throw ImpRAGError(.invalidArgument, "\(path) holds no judgment") }
    }

    /// Adds one judgment; false when the document has one already.
    public mutating func add(query: ByteString, document: ByteString, grade: Int) -> Bool {
        grades[query, default: [:]].updateValue(grade, forKey: document) == nil
    }

    /// In the order of their bytes.
    public var queries: [ByteString] { grades.keys.sorted() }

    /// The judgments of the first `count` of `queries`.
    public func first(_ count: Int) -> Judgments {
        let kept = Set(queries.prefix(count))
        var judgments = Judgments()
        judgments.grades = grades.filter { kept.contains($0.key) }
        return judgments
    }

    private mutating func add(_ texts: [String], columns: Int, _ place: String) throws(ImpRAGError) {
        let right =
            columns == 3 ? "query, document and grade, with tabs between" : "query, iteration, document and grade"
        guard texts.count == columns else {
            throw ImpRAGError(.invalidArgument, "\(place): \(texts.count) columns; \(columns) are right: \(right)")
        }
        guard let grade = Int(texts[columns - 1]) else {
            throw ImpRAGError(
                .invalidArgument, "\(place): the grade is '\(texts[columns - 1])'; a whole number is right")
        }
        let (query, document) = (texts[0], texts[columns - 2])
        guard add(query: ByteString(query), document: ByteString(document), grade: grade) else {
            throw ImpRAGError(
                .invalidArgument, "\(place): document '\(document)' is judged a second time for query '\(query)'")
        }
    }
}

/// The columns of a line.
struct Fields {
    let texts: [String]

    /// - Parameter expecting: 3 splits at tabs alone, so that ids may hold spaces; nil finds out which it is.
    init(_ text: String, expecting: Int?) {
        let line = text.utf8.last == 0x0D ? String(text.dropLast()) : text
        let byTab = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        let bySpace = line.split { $0 == " " || $0 == "\t" }.map(String.init)
        texts = expecting == 3 || expecting == nil && byTab.count == 3 ? byTab : bySpace
    }
}
