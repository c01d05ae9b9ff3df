public import Core
internal import Platform

/// Reads questions from a file of JSON lines, plain or gzip: `{"id","question","answers":[…]}`, or KILT's
/// `{"id","input","output":[{"answer",…},…]}`; which of them is decided line by line. Other fields and blank lines are
/// ignored.
public struct QuestionReader {
    private var lines: FileLineReader
    private let needsAnswers: Bool
    /// The place of the last question, as in `questions.jsonl:17`.
    public private(set) var place = ""

    /// Opens the file at `path`; errors as `FileByteReader.init`.
    ///
    /// - Parameter needsAnswers: false takes questions whose list of answers is empty: they have none.
    public init(path: String, needsAnswers: Bool = true) throws(ImpRAGError) {
        self.needsAnswers = needsAnswers
        lines = try FileLineReader(path: path)
    }

    /// The next question, or nil at the end.
    ///
    /// - Throws: `invalidArgument` with file, line and field; `dataLoss` for a damaged gzip file.
    public mutating func next() throws(ImpRAGError) -> Question? {
        while let line = try lines.next() {
            if line.isBlank { continue }
            place = line.place(in: lines.path)
            let question = try Question(line: try line.json(in: lines.path))
            func bad(_ what: String) -> ImpRAGError {
                ImpRAGError(.invalidArgument, "\(lines.path):\(line.number): \(what)")
            }
            guard !question.question.isEmpty else { throw bad("the question is empty") }
            guard !question.answers.isEmpty || !needsAnswers else {
                throw bad("the question has no answer to compare with")
            }
            return question
        }
        return nil
    }

    /// All questions of the file at `path`. Throws `invalidArgument` if there are none.
    public static func readAll(path: String) throws(ImpRAGError) -> [Question] {
        var reader = try QuestionReader(path: path)
        var questions: [Question] = []
        while let question = try reader.next() { questions.append(question) }
        guard !questions.isEmpty else { throw ImpRAGError(.invalidArgument, "\(path) holds no question") }
        return questions
    }

    /// All questions of the file at `path` as samples; lines need neither an id nor answers. `passage`, `passage_id`
    /// and `passage_ids` are read as ids of passages that answer the question. Errors as `next`.
    ///
    /// - Parameter prompt: makes the prompt of a question.
    public static func readSamples(
        path: String, prompt: (String) -> String = Question.prompt
    ) throws(ImpRAGError) -> [SampleQuestion] {
        var lines = try FileLineReader(path: path)
        var samples: [SampleQuestion] = []
        while let line = try lines.next() {
            if line.isBlank { continue }
            let sample = try SampleQuestion(line: try line.json(in: path), prompt: prompt)
            samples.append(sample)
        }
        return samples
    }
}

extension JSONField {
    /// Whether a line is in KILT's format.
    fileprivate var isKILT: Bool { has("input") && !has("question") }

    /// The answers in KILT's `output`, which repeats an answer for each source.
    fileprivate func kiltAnswers() throws(ImpRAGError) -> [String] {
        var answers: [String] = []
        var seen: Set<ByteString> = []
        for output in try elements() {
            guard let answer = try output.optional("answer")?.string() else { continue }
            if seen.insert(ByteString(answer)).inserted { answers.append(answer) }
        }
        return answers
    }
}

extension Question {
    /// The question of a line in either format.
    fileprivate init(line: JSONField) throws(ImpRAGError) {
        let id = try line.required("id").identifier()
        self.init(
            id: id, question: try line.required(line.isKILT ? "input" : "question").string(),
            answers: line.isKILT
                ? try line.required("output").kiltAnswers() : try line.required("answers").strings())
    }
}

extension SampleQuestion {
    /// The question of a line in either format, with its passages and answers. Fields of these names that hold
    /// something else are ignored.
    fileprivate init(line: JSONField, prompt: (String) -> String) throws(ImpRAGError) {
        let field = try line.required(line.isKILT ? "input" : "question")
        let text = try field.string()
        guard !text.isEmpty else { throw field.problem("the question is empty") }
        let one = ["passage", "passage_id"].compactMap { try? line.required($0).identifier() }
        let several = (try? line.required("passage_ids").elements()) ?? []
        let whole = prompt(text)
        self.init(
            prompt: whole, words: Question.words(ofPrompt: whole),
            passages: one + ((try? several.map { try $0.identifier() }) ?? []),
            answers: (line.isKILT
                ? try? line.required("output").kiltAnswers() : try? line.required("answers").strings()) ?? [])
    }
}
