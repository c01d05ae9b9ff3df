public import Core
internal import Indexing
internal import Platform

/// A question to measure with.
public struct EvaluationQuestion: Sendable, Equatable {
    public let question: Question
    /// As in `questions.jsonl:17`.
    public let place: String
    /// Sets of pages, each of which is enough to answer; empty when the file says none.
    public let provenance: [[KILTPage]]

    public init(_ question: Question, place: String, provenance: [[KILTPage]] = []) {
        self.question = question
        self.place = place
        self.provenance = provenance
    }

    /// The first `limit` questions of a file that `QuestionReader` reads; all its lines are read and checked.
    ///
    /// - Parameter needsAnswers: false takes questions that have no answer: the list is empty, and refusing is right.
    /// - Throws: `invalidArgument` with file, line and field, and when there is none.
    public static func read(
        path: String, limit: Int = .max, needsAnswers: Bool = true
    ) throws(ImpRAGError) -> [EvaluationQuestion] {
        var reader = try QuestionReader(path: path, needsAnswers: needsAnswers)
        var questions: [EvaluationQuestion] = []
        while let question = try reader.next() {
            questions.append(EvaluationQuestion(question, place: reader.place))
        }
        guard !questions.isEmpty else { throw ImpRAGError(.invalidArgument, "\(path) holds no question") }
        return Array(questions.prefix(limit))
    }

    /// The same of a file in KILT's format, with its provenance.
    public static func readKILT(path: String, limit: Int = .max) throws(ImpRAGError) -> [EvaluationQuestion] {
        let questions = try read(path: path)
        var lines = try FileLineReader(path: path)
        var provenance: [String: [[KILTPage]]] = [:]
        while let line = try lines.next() {
            if line.isBlank { continue }
            provenance[line.place(in: path)] = try KILTPage.provenance(try line.json(in: path).required("output"))
        }
        return questions.prefix(limit).map {
            EvaluationQuestion($0.question, place: $0.place, provenance: provenance[$0.place] ?? [])
        }
    }
}
