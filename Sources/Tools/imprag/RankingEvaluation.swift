import Core
import Evaluation

/// The name of the system in the files that `imprag eval` writes for TREC.
func runName(_ arguments: Arguments) throws(UsageError) -> String {
    let name = arguments.string("run-id") ?? "imprag"
    guard !name.isEmpty, !name.contains(where: \.isWhitespace) else {
        throw UsageError(message: "--run-id is '\(name)'; a name without white space is right")
    }
    return name
}

/// Searches for the judged queries of a BEIR directory and prints what trec_eval would say.
func evaluateRanking(_ beir: BEIRQueries, _ subject: any EvaluationSubject, k: Int, _ arguments: Arguments) async throws
{
    let tag = try runName(arguments)
    let file = try arguments.string("trec-run").map { try LineFile(path: $0) }
    let progress = CountProgress(total: beir.queries.count, unit: "queries")
    var (run, failures, asked) = (RankedRun(), EvaluationFailures(), 0)
    for query in beir.queries where !failures.isHopeless {
        do {
            let prompt = arguments.has("raw") ? query.text : Question.prompt(query.text)
            let found = try await subject.passages(for: prompt, count: k)
            let judged = beir.judgments.grades[query.id] ?? [:]
            run.set(query.id, RankedRun.documents(of: found) { judged[$0] != nil })
            failures.succeeded()
        } catch let error as ImpRAGError where error.code != .cancelled {
            progress.finish()
            failures.add(error, "\(query.place): query '\(query.id)'")
        }
        for line in try run.lines(for: query.id, tag: tag) { try file?.write(line) }
        asked += 1
        progress.show(done: asked)
    }
    progress.finish()
    let figures = RankingMetric.reported.map { metric in
        Figure(name: metric.name, interval: MeanInterval(metric.values(run, beir.judgments)))
    }
    try write(figures, questions: asked, failed: failures.count, asJSON: arguments.has("json"))
    try failures.throwLast(asked: asked, total: beir.queries.count)
}

/// A mean of `imprag eval` with its interval.
struct Figure {
    let name: String
    let interval: MeanInterval
}

/// Prints figures with their intervals, as a table or as one JSON object.
func write(_ figures: [Figure], questions: Int, failed: Int, asJSON: Bool) throws {
    if asJSON {
        var (line, intervals) = (JSONLine(), JSONLine())
        line.add("questions", questions)
        line.add("failed", failed)
        for figure in figures {
            line.add(figure.name, figure.interval.mean)
            intervals.add(figure.name, raw: "[\(figure.interval.low),\(figure.interval.high)]")
        }
        line.add("intervals", intervals)
        return try writeLine(line.line)
    }
    try writeLine("questions    \(questions)" + (failed > 0 ? ", of which \(failed) failed" : ""))
    func percent(_ share: Double) -> String { fixed(100 * share, 1) }
    for figure in figures {
        let interval = figure.interval
        try writeLine(
            figure.name.replacing("_", with: " ").padded(to: 13)
                + "\(percent(interval.mean)) % (\(percent(interval.low)) to \(percent(interval.high)))")
    }
}
