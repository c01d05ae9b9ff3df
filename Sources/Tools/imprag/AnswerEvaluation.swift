import Client
import Core
import Evaluation

/// The files that `imprag eval` writes beside its figures, a line a question.
private struct AnswerFiles {
    private let details: LineFile?
    private let predictions: LineFile?
    private let run: LineFile?
    private let trecAnswers: LineFile?
    private let format: TRECAnswer.Format
    private let runID: String
    private let teamID: String

    init(_ arguments: Arguments) throws {
        runID = try runName(arguments)
        teamID = arguments.string("team-id") ?? runID
        format = try arguments.choice("trec-year", as: TRECAnswer.Format.self) ?? .year2024
        func file(_ option: String) throws -> LineFile? {
            try arguments.string(option).map { try LineFile(path: $0) }
        }
        (details, predictions, run) = (try file("details"), try file("predictions"), try file("trec-run"))
        trecAnswers = try file("trec-rag")
    }

    func write(_ question: Question, _ outcome: EvaluationTally.Outcome, _ found: EvaluatedAnswer) throws {
        let (answer, passages) = (found.text, found.passages)
        var line = Self.line(question)
        line.add("answer", answer)
        if let abstention = found.abstention { line.add("abstained", json(abstention)) }
        line.add("exact_match", outcome.isExactMatch)
        line.add("f1", outcome.f1)
        if let rank = outcome.rank { line.add("rank", rank) }
        if let rPrecision = outcome.rPrecision { line.add("rprec", rPrecision) }
        try details?.write(line.line)
        try writePrediction(question, answer: answer, passages.map(\.passage))
        if let run {
            var ranked = RankedRun()
            ranked.set(ByteString(question.id), RankedRun.documents(of: passages))
            for line in try ranked.lines(for: ByteString(question.id), tag: runID) { try run.write(line) }
        }
        try writeAnswer(question, found.abstention == nil ? found.tokens : [], found.read.map(\.passage))
    }

    /// KILT's scripts want a line for every question, so one that failed has an empty answer.
    func write(_ question: Question, _ error: ImpRAGError) throws {
        var line = Self.line(question)
        line.add("error", error.description)
        try details?.write(line.line)
        try writePrediction(question, answer: "", [])
        try writeAnswer(question, [], [])
    }

    private func writeAnswer(_ question: Question, _ tokens: [AnswerToken], _ passages: [Passage]) throws {
        let answer = TRECAnswer(tokens: tokens, passages: passages, format: format)
        let line = answer.line(topicID: question.id, topic: question.question, run: runID, team: teamID)
        try trecAnswers?.write(line.line)
    }

    private func writePrediction(_ question: Question, answer: String, _ passages: [Passage]) throws {
        var (line, output) = (JSONLine(), JSONLine())
        line.add("id", question.id)
        output.add("answer", answer)
        output.add(
            "provenance",
            KILTPage.pages(of: passages).map { page in
                var line = JSONLine()
                line.add("wikipedia_id", page.id.text)
                if !page.title.text.isEmpty { line.add("title", page.title.text) }
                return line
            })
        line.add("output", [output])
        try predictions?.write(line.line)
    }

    private static func line(_ question: Question) -> JSONLine {
        var line = JSONLine()
        line.add("id", question.id)
        line.add("question", question.question)
        line.add("answers", question.answers)
        return line
    }
}

/// Asks questions and prints how many were answered and found.
///
/// - Parameter prompt: makes the prompt of a question.
func evaluateAnswers(
    _ questions: [EvaluationQuestion], prompt: (String) -> String, _ subject: any EvaluationSubject,
    _ arguments: Arguments
) async throws {
    try checkIDs(of: questions, arguments)
    var (tally, failures) = (EvaluationTally(cutoffs: recallCutoffs), EvaluationFailures())
    let files = try AnswerFiles(arguments)
    var notice = ""
    let progress = CountProgress(total: questions.count, unit: "questions")
    for item in questions where !failures.isHopeless {
        let found: EvaluatedAnswer
        do {
            found = try await subject.answer(prompt(item.question.question))
        } catch let error as ImpRAGError where error.code != .cancelled {
            tally.addFailure(item)
            progress.finish()
            failures.add(error, "\(item.place): question '\(item.question.id)'")
            try files.write(item.question, error)
            continue
        }
        failures.succeeded()
        let outcome = tally.add(
            item, answer: found.text, passages: found.passages.map(\.passage), isRefused: found.abstention != nil)
        try files.write(item.question, outcome, found)
        notice = found.notice
        progress.show(done: tally.outcomes.count)
    }
    progress.finish()
    if !notice.isEmpty { printError("eval: \(notice)") }
    let measured = arguments.has("topics") ? [] : figures(of: tally)
    try write(measured, questions: tally.outcomes.count, failed: tally.failed, asJSON: arguments.has("json"))
    try failures.throwLast(asked: tally.outcomes.count, total: questions.count)
}

/// The files name questions by their ids, so what could not be told apart there is refused before the first is asked.
private func checkIDs(of questions: [EvaluationQuestion], _ arguments: Arguments) throws(ImpRAGError) {
    guard ["predictions", "trec-run", "trec-rag"].contains(where: { arguments.has($0) }) else { return }
    var places: [ByteString: String] = [:]
    for item in questions {
        let id = ByteString(item.question.id)
        if let first = places.updateValue(item.place, forKey: id) {
            throw ImpRAGError(
                .invalidArgument,
                "\(item.place): question '\(id)' stands in \(first) already; files name questions by their ids")
        }
        if arguments.has("trec-run") { try RankedRun.checkName(id.text) }
    }
}

private func figures(of tally: EvaluationTally) -> [Figure] {
    var figures = [Figure(name: "exact_match", interval: tally.exactMatch), Figure(name: "f1", interval: tally.f1)]
    if tally.outcomes.contains(where: \.isRefused) {
        figures += [
            Figure(name: "answered", interval: tally.answered),
            Figure(name: "answered_em", interval: tally.answeredExactMatch),
        ]
    }
    figures += tally.recall.map { Figure(name: "recall@\($0.k)", interval: $0.share) }
    if let rPrecision = tally.rPrecision { figures.append(Figure(name: "rprec", interval: rPrecision)) }
    return figures
}
