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

    /// All questions of the file at `path` as samples; lines need neither an id nor answers. `passage`, `passage_id` and
    /// `passage_ids` are taken for ids of passages that answer the question. Errors as `next`.
    ///
    /// - Parameter prompt: what the model is to see of a question.
    public static func readSamples(
        path: String, prompt: (String) -> String = Question.prompt
    ) throws(ImpRAGError) -> [SampleQuestion] {
        var lines = try FileLineReader(path: path)
        var samples: [SampleQuestion] = []
        while let line = try lines.next() {
            if line.isBlank { continue }
            let sample = try line.decode(SampleLine.self, in: path)
            guard !sample.text.isEmpty else {
                throw ImpRAGError(.invalidArgument, "\(path):\(line.number): the question is empty")
            }
            let prompt = prompt(sample.text)
            samples.append(
                SampleQuestion(
                    prompt: prompt, words: Question.words(ofPrompt: prompt), passages: sample.passages,
                    answers: sample.answers))
        }
        return samples
    }
}

/// KILT repeats an answer for each of its sources.
private struct KILTOutput: Decodable {
    var answer: String?

    static func answers(_ outputs: [KILTOutput]) -> [String] {
        var answers: [String] = []
        for output in outputs {
            if let answer = output.answer, !answers.contains(answer) { answers.append(answer) }
        }
        return answers
    }
}

/// The question of a line in either layout, and what else is there.
private struct SampleLine: Decodable {
    let text: String
    let passages: [String]
    let answers: [String]

    private enum Key: String, CodingKey {
        case question, input, passage, answers, output
        case passageID = "passage_id"
        case passageIDs = "passage_ids"
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Key.self)
        let isKILT = fields.contains(.input) && !fields.contains(.question)
        text = try fields.decode(String.self, forKey: isKILT ? .input : .question)
        // Data sets have fields of these names that hold other things: those say nothing.
        let one = [Key.passage, .passageID].compactMap { try? fields.decode(JSONIdentifier.self, forKey: $0).text }
        let several = (try? fields.decode([JSONIdentifier].self, forKey: .passageIDs).map(\.text)) ?? []
        passages = one + several
        answers =
            isKILT
            ? KILTOutput.answers((try? fields.decode([KILTOutput].self, forKey: .output)) ?? [])
            : (try? fields.decode([String].self, forKey: .answers)) ?? []
    }
}

/// A line in either layout.
private struct QuestionLine: Decodable {
    let question: Question

    private enum Key: String, CodingKey {
        case id, question, answers, input, output
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Key.self)
        let id = try fields.decode(JSONIdentifier.self, forKey: .id).text
        if fields.contains(.input), !fields.contains(.question) {
            question = Question(
                id: id, question: try fields.decode(String.self, forKey: .input),
                answers: KILTOutput.answers(try fields.decode([KILTOutput].self, forKey: .output)))
        } else {
            question = Question(
                id: id, question: try fields.decode(String.self, forKey: .question),
                answers: try fields.decode([String].self, forKey: .answers))
        }
    }
}
