import Core
import Evaluation

let compareCommand = Command(
    name: "compare",
    summary: "Compares two TREC runs question by question",
    discussion: """
        A and B are TREC run files (query Q0 document rank score tag); the judgments are TREC's or BEIR's. Metrics are
        trec_eval's: ndcg@K, map, mrr, rprec, recall@K, p@K. A judged query that a run lacks counts 0. The interval holds 95 % of
        the differences B less A among 10,000 resamples of the questions; p is how often chance alone makes one as large.
        """,
    positional: "A B",
    options: [
        .required("qrels", "FILE", "the judgments"),
        .optional("metric", "NAME", "what to compare (default: ndcg@10)"),
        .flag("json", "print one JSON object"),
    ],
    example: "imprag compare before.run after.run --qrels qrels/test.tsv --metric ndcg@10",
    run: { arguments in
        guard arguments.words.count == 2 else {
            throw UsageError(message: "\(arguments.words.count) files; two are right, A and B")
        }
        let metric: RankingMetric
        do {
            metric = try RankingMetric(name: arguments.string("metric") ?? "ndcg@10")
        } catch let error as ImpRAGError {
            throw UsageError(message: "--metric: \(error.message)")
        }
        let judgments = try Judgments(path: arguments.required("qrels"))
        let runs = try arguments.words.map { path in
            let run = try RankedRun(path: path)
            guard judgments.grades.keys.contains(where: { run.rankings[$0] != nil }) else {
                throw ImpRAGError(
                    .invalidArgument, "\(path) has none of the queries of \(arguments.required("qrels"))")
            }
            return metric.values(run, judgments)
        }
        let comparison = PairedComparison(first: runs[0], second: runs[1])
        try write(comparison, metric, asJSON: arguments.has("json"))
    }
)

private func write(_ comparison: PairedComparison, _ metric: RankingMetric, asJSON: Bool) throws {
    let difference = comparison.difference
    if asJSON {
        var line = JSONLine()
        line.add("metric", metric.name)
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
    try writeLine("\(metric.name.padded(to: 11)) A \(fixed(comparison.first, 4)), B \(fixed(comparison.second, 4))")
    try writeLine(
        "B less A    \(fixed(difference.mean, 4)) (\(fixed(difference.low, 4)) to \(fixed(difference.high, 4))), "
            + "p = \(fixed(comparison.p, 4))")
    try writeLine("B is better at \(comparison.wins), equal at \(comparison.ties), worse at \(comparison.losses)")
}
