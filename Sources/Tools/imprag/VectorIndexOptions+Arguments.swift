import Core
import Indexing
import VectorIndex

extension VectorIndexOptions {
    /// The options of the commands that make vector indexes.
    static let options: [Option] = [
        .optional("recall", "X", "the recall@10 that searches aim at by default, 0.5 to 0.999 (default: 0.95)"),
        .optional(
            "questions", "FILE",
            "questions like those to come, \(SampleQueries.least) or more, as `imprag eval` reads them, for measuring what "
                + "--recall takes, and, with answers or the id of a \"passage\", what words are worth beside vectors (default: "
                + "made from passages)"),
        codeSizeOption("of the vector index, in memory"),
        .flag("raw", "the questions are whole prompts; without it they are put into the template `Q: … A:`"),
    ]

    init(_ arguments: Arguments) throws {
        self.init(
            recall: try arguments.number("recall", in: SearchOptions.recallRange) ?? 0.95,
            questions: try Self.questions(arguments),
            threads: try arguments.integer("threads", in: 1...1024), codeSize: try chosenCodeSize(arguments))
    }

    /// The questions that `--questions` names; nil without the option.
    private static func questions(_ arguments: Arguments) throws -> [SampleQuestion]? {
        guard let path = arguments.string("questions") else {
            guard !arguments.has("raw") else {
                throw UsageError(message: "--raw is about --questions, which is not given")
            }
            return nil
        }
        let questions = try QuestionReader.readSamples(
            path: path, prompt: arguments.has("raw") ? { $0 } : Question.prompt)
        guard questions.count >= SampleQueries.least else {
            throw ImpRAGError(
                .invalidArgument,
                "\(path) holds \(questions.count) questions; to measure recall with them takes at least "
                    + "\(SampleQueries.least), and more than \(SampleQueries.limit) are not used")
        }
        return questions
    }
}

/// `--code-bytes`, with whose codes they are.
func codeSizeOption(_ what: String, default usual: String = "128, or 64 below 128 numbers a vector") -> Option {
    .optional(
        "code-bytes", CodeSize.allCases.map { String($0.rawValue) }.joined(separator: "|"),
        "bytes of a vector's code \(what): fewer leave more vectors to be read from the disk (default: \(usual))")
}

/// What `--code-bytes` names; nil without the option.
func chosenCodeSize(_ arguments: Arguments) throws(UsageError) -> CodeSize? {
    guard let text = arguments.string("code-bytes") else { return nil }
    guard let size = Int(text).flatMap(CodeSize.init(rawValue:)) else {
        let right = CodeSize.allCases.map { String($0.rawValue) }.joined(separator: ", ")
        throw UsageError(message: "--code-bytes is '\(text)'; one of \(right) is right")
    }
    return size
}
