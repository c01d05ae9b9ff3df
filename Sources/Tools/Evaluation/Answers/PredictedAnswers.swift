public import Core
internal import Platform

/// A system's answers, in KILT's format of predictions: a line `{"id","output":[{"answer",…}]}` for each question.
public struct PredictedAnswers: Sendable, Equatable {
    /// By the question's id; the first that the line gives.
    public private(set) var answers: [ByteString: String] = [:]

    /// Reads a file, plain or gzip.
    ///
    /// - Throws: `invalidArgument` with file, line and field, and for a question that is answered twice.
    public init(path: String) throws(ImpRAGError) {
        var lines = try FileLineReader(path: path)
        while let line = try lines.next() {
            if line.isBlank { continue }
            let row = try line.json(in: path)
            let id = ByteString(try row.required("id").identifier())
            let output = try row.required("output")
            guard let first = try output.elements().first else { throw output.problem("it holds no answer") }
            guard answers.updateValue(try first.required("answer").string(), forKey: id) == nil else {
                throw ImpRAGError(
                    .invalidArgument, "\(line.place(in: path)): question '\(id)' is answered a second time")
            }
        }
        guard !answers.isEmpty else { throw ImpRAGError(.invalidArgument, "\(path) holds no answer") }
    }
}
