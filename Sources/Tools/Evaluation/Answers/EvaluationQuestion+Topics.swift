public import Core
internal import Platform

extension EvaluationQuestion {
    /// The first `limit` topics of a file, plain or gzip, as TREC's RAG track has them: `id`, a tab and the topic
    /// (2024), or `{"id","title"}` with what the guidelines call the narrative (2025). They have no answers.
    ///
    /// - Throws: `invalidArgument` with file and line, for a topic that stands twice, and when there is none.
    public static func readTopics(path: String, limit: Int = .max) throws(ImpRAGError) -> [EvaluationQuestion] {
        var lines = try FileLineReader(path: path)
        var (topics, seen): ([EvaluationQuestion], Set<ByteString>) = ([], [])
        while let line = try lines.next() {
            if line.isBlank { continue }
            let place = line.place(in: path)
            func bad(_ what: String) -> ImpRAGError { ImpRAGError(.invalidArgument, "\(place): \(what)") }
            let (id, text) = try topic(line, path)
            guard !id.isEmpty, text.contains(where: { !$0.isWhitespace }) else {
                throw bad("the id or the topic is empty")
            }
            guard seen.insert(ByteString(id)).inserted else { throw bad("topic '\(id)' stands a second time") }
            topics.append(EvaluationQuestion(Question(id: id, question: text, answers: []), place: place))
        }
        guard !topics.isEmpty else { throw ImpRAGError(.invalidArgument, "\(path) holds no topic") }
        return Array(topics.prefix(limit))
    }

    private static func topic(
        _ line: FileLineReader.Line, _ path: String
    ) throws(ImpRAGError) -> (id: String, text: String) {
        if line.bytes.first(where: { $0 > 0x20 }) == UInt8(ascii: "{") {
            let row = try line.json(in: path)
            let name = ["title", "narrative", "topic"].first { row.has($0) } ?? "title"
            return (try row.required("id").identifier(), try row.required(name).string())
        }
        let columns = try line.text(in: path).split(separator: "\t", omittingEmptySubsequences: false)
        guard columns.count == 2 else {
            throw ImpRAGError(
                .invalidArgument,
                "\(line.place(in: path)): \(columns.count) columns; two are right, the id and the topic with a tab between "
                    + "them, or {\"id\",\"title\"}")
        }
        return (String(columns[0]), columns[1].trimmingSuffix("\r"))
    }
}

extension Substring {
    fileprivate func trimmingSuffix(_ suffix: Character) -> String { String(last == suffix ? dropLast() : self) }
}
