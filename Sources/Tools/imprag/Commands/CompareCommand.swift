import Core
import Evaluation

let compareCommand = Command(
    name: "compare",
    summary: "Compares two systems question by question: TREC runs, or answers",
    discussion: """
        With --qrels, A and B are TREC run files (query Q0 document rank score tag); the judgments are TREC's or BEIR's. Metrics
        are trec_eval's: ndcg@K, map, mrr, rprec, recall@K, p@K. With --questions, A and B are answers as `imprag eval
        --predictions` writes them; metrics are em and f1. A question that a file lacks counts 0. The interval holds 95 % of
        the differences B less A among 10,000 resamples of the questions; p is how often chance alone makes one as large.
        """,
    positional: "A B",
    options: [
        .optional("qrels", "FILE", "the judgments"),
        .optional("questions", "FILE", "the questions with their answers, as `imprag eval` reads them"),
        .optional("metric", "NAME", "what to compare (default: ndcg@10, of answers em)"),
        .flag("json", "print one JSON object"),
    ],
    example: "imprag compare before.run after.run --qrels qrels/test.tsv --metric ndcg@10",
    run: { arguments in
        guard arguments.words.count == 2 else {
            throw UsageError(message: "\(arguments.words.count) files; two are right, A and B")
        }
        guard arguments.has("qrels") != arguments.has("questions") else {
            throw UsageError(message: "--qrels FILE, for runs, or --questions FILE, for answers, is right")
        }
        let (metric, values) = try arguments.has("qrels") ? rankingValues(arguments) : answerValues(arguments)
        let comparison = PairedComparison(first: values[0], second: values[1])
        try write(comparison, metric, asJSON: arguments.has("json"))
    }
)

/// Of both files, a value for each judged query.
private func rankingValues(_ arguments: Arguments) throws -> (metric: String, values: [[Double]]) {
    let metric: RankingMetric
    do {
        metric = try RankingMetric(name: arguments.string("metric") ?? "ndcg@10")
    } catch {
        throw UsageError(message: "--metric: \(error.message)")
    }
    let judgments = try Judgments(path: arguments.required("qrels"))
    let values = try arguments.words.map { path in
        let run = try RankedRun(path: path)
        guard judgments.grades.keys.contains(where: { run.rankings[$0] != nil }) else {
            throw ImpRAGError(.invalidArgument, "\(path) has none of the queries of \(arguments.required("qrels"))")
        }
        return metric.values(run, judgments)
    }
    return (metric.name, values)
}

/// Of both files, a value for each question.
private func answerValues(_ arguments: Arguments) throws -> (metric: String, values: [[Double]]) {
    let metric = try arguments.choice("metric", as: AnswerMetric.self) ?? .exactMatch
    let questions = try EvaluationQuestion.read(path: arguments.required("questions")).map(\.question)
    let values = try arguments.words.map { path in
        let answers = try PredictedAnswers(path: path)
        guard questions.contains(where: { answers.answers[ByteString($0.id)] != nil }) else {
            throw ImpRAGError(
                .invalidArgument, "\(path) answers none of the questions of \(arguments.required("questions"))")
        }
        return metric.values(answers, questions)
    }
    return (metric.rawValue, values)
}

private func write(_ comparison: PairedComparison, _ metric: String, asJSON: Bool) throws {
    let difference = comparison.difference
    if asJSON {
        var line = JSONLine()
        line.add("metric", metric)
        line.add("questions", comparison.questions)
        line.add("a", comparison.first)
        line.add("b", comparison.second)
        line.add("difference", difference.mean)
        line.add("low", difference.low)
        line.add("high", difference.high)
        line.add("p", comparison.p)
        line.add("wins", comparison.wins)
        line.add("ties", comparison.ties)
        line.add("losses", comparison.losses)
        return try writeLine(line.line)
    }
    try writeLine("questions   \(comparison.questions)")
    try writeLine("\(metric.padded(to: 11)) A \(fixed(comparison.first, 4)), B \(fixed(comparison.second, 4))")
    try writeLine(
        "B less A    \(fixed(difference.mean, 4)) (\(fixed(difference.low, 4)) to \(fixed(difference.high, 4))), "
            + "p = \(fixed(comparison.p, 4))")
    try writeLine("B is better at \(comparison.wins), equal at \(comparison.ties), worse at \(comparison.losses)")
}
