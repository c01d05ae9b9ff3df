import Client
import Core
import Evaluation
import Indexing
import Model
import Storage
import Wire

let evalCommand = Command(
    name: "eval",
    summary: "Measures exact match and retrieval recall on questions",
    discussion: """
        Questions: {id,question,answers[]} JSON lines, or KILT's. Exact match compares after the usual normalisation (case,
        punctuation, articles); recall@k is the share of questions with an answer inside one of the first k passages. Asks a
        running cluster, or, with --model and --index, works in this process. --k 0 switches retrieval off.

        A question that cannot be asked, such as one that is too long, is named, counts as wrong, and the others are asked; the exit
        code is then 1. When \(failuresInARow) in a row fail, the others are not asked any more.
        """,
    options: [
        .required("questions", "FILE", "the questions"),
        .optional("model", "DIR", "work in this process, with this model"),
        .optional("index", "DIR", "work in this process, with this index"),
        .optional("limit", "N", "only the first N questions"),
        .optional("max-tokens", "N", "the longest answer (default: 32)"),
        .optional("k", "N", "passages that the model reads (default: its own number); 0: none, and no recall"),
        .flag("raw", "the questions are whole prompts; without it they are put into the template `Q: … A:`"),
        .flag("json", "print one JSON object"),
        .optional("details", "FILE", "write one JSON line a question: answer, right or not, rank of the passage"),
        .optional("compute", "f32|bf16|int8", "with --model: arithmetic of the matrix products"),
        .optional("threads", "N", "with --model: threads for matrix products"),
    ] + searchOptionList + wordsOptionList + clientOptions,
    example: "imprag eval --questions Examples/encyclopedia/questions.jsonl",
    run: { arguments in
        guard arguments.has("model") == arguments.has("index") else {
            throw UsageError(message: "--model and --index belong together; without both, a running cluster is asked")
        }
        if arguments.has("model"), let option = searchOptionList.first(where: { arguments.has($0.name) }) {
            throw UsageError(message: "--\(option.name) is for a running cluster; with --model every search is exact")
        }
        let options = try searchOptions(arguments)
        let words = try wordsOptions(arguments)
        let k = try arguments.integer("k", in: 0...(1 << 30))
        let maxTokens = try arguments.integer("max-tokens", in: 1...(1 << 20)) ?? 32
        let questions = try placedQuestions(
            arguments.required("questions"), limit: try arguments.integer("limit", in: 1...Int.max) ?? .max)
        let subject: any EvaluationSubject =
            if arguments.has("model") {
                try LocalSubject(arguments, k: k, maxTokens: maxTokens, words: words)
            } else {
                ClusterSubject(
                    client: try makeClient(arguments), k: k, maxTokens: maxTokens, options: options, words: words,
                    milliseconds: try arguments.integer("deadline", in: 1...86_400_000) ?? 30_000)
            }
        try await evaluate(questions, subject, arguments)
    }
)

/// The system to measure: it finds passages and answers.
private protocol EvaluationSubject: Sendable {
    /// The answer to `prompt` and the passages found, as many as `EvaluationTally`'s largest cutoff.
    func answer(_ prompt: String) async throws -> (answer: String, passages: [Passage])
}

private let recallCutoffs = [1, 5, 10]

private struct ClusterSubject: EvaluationSubject {
    let client: ClusterClient
    let k: Int?
    let maxTokens: Int
    let options: SearchOptions
    let words: WordsOptions
    let milliseconds: Int

    func answer(_ prompt: String) async throws -> (answer: String, passages: [Passage]) {
        let deadline = Deadline.after(milliseconds: milliseconds)
        var passages: [Passage] = []
        if k != 0 {
            let request = SearchRequest(prompt: prompt, k: recallCutoffs.max(), options: options, words: words)
            passages = try await client.search(request, deadline: deadline).passages.map(\.passage)
        }
        var sampling = SamplingOptions()
        sampling.maxTokens = maxTokens
        let request = AskRequest(
            prompt: prompt, k: k, sampling: sampling, omitPassageText: true, options: options, words: words)
        var text = ""
        for try await event in try client.ask(request, deadline: deadline) {
            if case .token(let token) = event { text += token.text }
        }
        return (text, passages)
    }
}

private struct LocalSubject: EvaluationSubject {
    private let model: ImpRAGModel
    private let search: LocalSearch
    private let k: Int
    private let sampling: Sampling
    private let words: WordsOptions

    init(_ arguments: Arguments, k: Int?, maxTokens: Int, words: WordsOptions) throws {
        self.words = words
        model = try loadModel(arguments, layers: .all)
        search = try LocalSearch(IndexDirectory(path: arguments.required("index"), expecting: model.fingerprint))
        self.k = k ?? model.configuration.topK
        sampling = try Sampling(maxTokens: maxTokens)
    }

    func answer(_ prompt: String) async throws -> (answer: String, passages: [Passage]) {
        let state = try model.promptStates([PromptRequest(tokens: try model.promptTokens(prompt), k: k)])[0]
        let wanted = k == 0 ? 0 : max(k, recallCutoffs.max() ?? 0)
        let found =
            try wanted == 0
            ? []
            : search.search(
                state.queryEmbedding, text: Question.words(ofPrompt: prompt), words: words, k: wanted,
                deadline: .after(milliseconds: 600_000)
            ).map(\.passage)
        let answer = try model.answer(
            from: state, passages: Array(found.prefix(k)), encoding: model.configuration.passageEncoding,
            sampling: sampling)
        var text = ""
        while let step = try answer.next() { text += step.text }
        return (text, found)
    }
}

/// A question and its place, as in `questions.jsonl:17`.
private typealias PlacedQuestion = (question: Question, place: String)

/// Gives up after this many questions in a row that could not be asked.
private let failuresInARow = 10

/// The first `limit` questions of a file; all its lines are read and checked.
private func placedQuestions(_ path: String, limit: Int) throws -> [PlacedQuestion] {
    var reader = try QuestionReader(path: path)
    var questions: [PlacedQuestion] = []
    while let question = try reader.next() { questions.append((question, reader.place)) }
    guard !questions.isEmpty else { throw ImpRAGError(.invalidArgument, "\(path) holds no question") }
    return Array(questions.prefix(limit))
}

private func evaluate(
    _ questions: [PlacedQuestion], _ subject: any EvaluationSubject, _ arguments: Arguments
) async throws {
    var tally = EvaluationTally(cutoffs: recallCutoffs)
    let details = try arguments.string("details").map { try LineFile(path: $0) }
    let progress = CountProgress(total: questions.count, unit: "questions")
    var inARow = 0
    var last: ImpRAGError?
    for (question, place) in questions where inARow < failuresInARow {
        let prompt = arguments.has("raw") ? question.question : Question.prompt(question.question)
        var line = JSONLine()
        line.add("id", question.id)
        line.add("question", question.question)
        line.add("answers", question.answers)
        do {
            let (answer, passages) = try await subject.answer(prompt)
            let outcome = tally.add(question, answer: answer, passages: passages)
            inARow = 0
            line.add("answer", answer)
            line.add("exact_match", outcome.isExactMatch)
            if let rank = outcome.rank { line.add("rank", rank) }
        } catch let error as ImpRAGError where error.code != .cancelled {
            tally.addFailure()
            (inARow, last) = (inARow + 1, error)
            progress.finish()
            if tally.failed <= failuresInARow { printError("\(place): question '\(question.id)' failed: \(error)") }
            line.add("error", error.description)
        }
        try details?.write(line.line)
        progress.show(done: tally.questions)
    }
    progress.finish()
    try write(tally, asJSON: arguments.has("json"))
    guard let last else { return }
    let rest = questions.count - tally.questions
    throw ImpRAGError(
        last.code,
        "\(tally.failed) of \(tally.questions) questions failed and count as wrong"
            + (rest > 0 ? "; the last \(failuresInARow) did in a row, so the other \(rest) were not asked" : ""))
}

private func write(_ tally: EvaluationTally, asJSON: Bool) throws {
    if asJSON {
        var line = JSONLine()
        line.add("questions", tally.questions)
        line.add("failed", tally.failed)
        line.add("exact_match", tally.exactMatch)
        for (k, share) in tally.recall { line.add("recall@\(k)", share) }
        return try writeLine(line.line)
    }
    try writeLine("questions    \(tally.questions)" + (tally.failed > 0 ? ", of which \(tally.failed) failed" : ""))
    try writeLine("exact match  \(fixed(100 * tally.exactMatch, 1)) %")
    for (k, share) in tally.recall { try writeLine("recall@\(k)".padded(to: 13) + "\(fixed(100 * share, 1)) %") }
}
