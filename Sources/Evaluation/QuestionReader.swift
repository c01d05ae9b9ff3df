public import Core
internal import Platform

/// Reads questions from a file of JSON lines, plain or gzip: `{"id","question","answers":[…]}`, or KILT's
/// `{"id","input","output":[{"answer",…},…]}`; which of them is told line by line. Other fields are passed over, and so
/// are blank lines.
public struct QuestionReader {
    private var lines: FileLineReader

    /// Opens the file at `path`; errors as `ByteReader.init`.
    public init(path: String) throws(ImpRAGError) {
        lines = try FileLineReader(path: path)
    }

    /// The next question, or nil at the end.
    ///
    /// - Throws: `invalidArgument` with file, line and field; `dataLoss` for a damaged gzip file.
    public mutating func next() throws(ImpRAGError) -> Question? {
        while let line = try lines.next() {
            if line.isBlank { continue }
            let question = try line.decode(QuestionLine.self, in: lines.path).question
            func bad(_ what: String) -> ImpRAGError {
                ImpRAGError(.invalidArgument, "\(lines.path):\(line.number): \(what)")
            }
            guard !question.question.isEmpty else { throw bad("the question is empty") }
            guard !question.answers.isEmpty else { throw bad("the question has no answer to compare with") }
            return question
        }
        return nil
    }

    /// All questions of the file at `path`; a file without any is `invalidArgument`.
    public static func readAll(path: String) throws(ImpRAGError) -> [Question] {
        var reader = try QuestionReader(path: path)
        var questions: [Question] = []
        while let question = try reader.next() { questions.append(question) }
        guard !questions.isEmpty else { throw ImpRAGError(.invalidArgument, "\(path) holds no question") }
        return questions
    }

    /// The wording of all questions of the file at `path`; lines need neither an id nor answers. Errors as `next`.
    public static func readTexts(path: String) throws(ImpRAGError) -> [String] {
        var lines = try FileLineReader(path: path)
        var texts: [String] = []
        while let line = try lines.next() {
            if line.isBlank { continue }
            let text = try line.decode(QuestionText.self, in: path).text
            guard !text.isEmpty else {
                throw ImpRAGError(.invalidArgument, "\(path):\(line.number): the question is empty")
            }
            texts.append(text)
        }
        return texts
    }
}

/// The question of a line in either layout.
private struct QuestionText: Decodable {
    let text: String

    private enum Key: String, CodingKey {
        case question, input
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Key.self)
        let isKILT = fields.contains(.input) && !fields.contains(.question)
        text = try fields.decode(String.self, forKey: isKILT ? .input : .question)
    }
}

/// A line in either layout.
private struct QuestionLine: Decodable {
    let question: Question

    private enum Key: String, CodingKey {
        case id, question, answers, input, output
    }

    private struct Output: Decodable {
        var answer: String?
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Key.self)
        let id = try fields.decode(JSONIdentifier.self, forKey: .id).text
        if fields.contains(.input), !fields.contains(.question) {
            // KILT repeats an answer for each of its sources.
            var answers: [String] = []
            for output in try fields.decode([Output].self, forKey: .output) {
                if let answer = output.answer, !answers.contains(answer) { answers.append(answer) }
            }
            question = Question(id: id, question: try fields.decode(String.self, forKey: .input), answers: answers)
        } else {
            question = Question(
                id: id, question: try fields.decode(String.self, forKey: .question),
                answers: try fields.decode([String].self, forKey: .answers))
        }
    }
}
