// BEIR's directories: `corpus.jsonl`, which `imprag index` reads; `queries.jsonl`, a line `{"_id","text"}` for each
// query of any split; `qrels/SPLIT.tsv`, judgments.

public import Core
internal import Foundation
internal import Platform

/// The judged queries of one split of a BEIR directory.
public struct BEIRQueries: Sendable {
    public struct Query: Sendable, Equatable {
        public let id: ByteString
        public let text: String
        /// As in `queries.jsonl:17`.
        public let place: String
    }

    public let judgments: Judgments
    /// Those that are judged, in the order of `Judgments.queries`.
    public let queries: [Query]

    /// Reads the directory's files, plain or gzip.
    ///
    /// - Parameter limit: only the first so many judged queries.
    /// - Throws: `invalidArgument` with file and line, and for a judged query without a text; `notFound`.
    public init(directory: String, split: String, limit: Int = .max) throws(ImpRAGError) {
        let judgments = try Judgments(path: Self.path("\(directory)/qrels/\(split).tsv")).first(limit)
        let path = Self.path("\(directory)/queries.jsonl")
        var lines = try FileLineReader(path: path)
        var found: [ByteString: Query] = [:]
        while let line = try lines.next() {
            if line.isBlank { continue }
            let row = try line.json(in: path)
            let id = ByteString(try row.required(row.has("_id") ? "_id" : "id").identifier())
            guard judgments.grades[id] != nil else { continue }
            let field = try row.required("text")
            let query = Query(id: id, text: try field.string(), place: line.place(in: path))
            guard !query.text.isEmpty else { throw field.problem("the query is empty") }
            guard found.updateValue(query, forKey: id) == nil else {
                throw ImpRAGError(.invalidArgument, "\(query.place): query '\(id)' stands there a second time")
            }
        }
        let missing = judgments.queries.filter { found[$0] == nil }
        if let first = missing.first {
            throw ImpRAGError(
                .invalidArgument,
                "\(path) lacks \(missing.count) of the judged queries of the split '\(split)', as '\(first)'")
        }
        self.judgments = judgments
        queries = judgments.queries.compactMap { found[$0] }
    }

    /// `path`, or its gzip when only that is there.
    private static func path(_ path: String) -> String {
        let isThere = FileManager.default.fileExists(atPath:)
        return !isThere(path) && isThere(path + ".gz") ? path + ".gz" : path
    }
}
