import Core
import Evaluation
import Indexing

let quantizeCommand = Command(
    name: "quantize",
    summary: "Makes an int8 or 4-bit model, and measures what it costs",
    discussion: """
        Writes a model directory whose matrices are 8-bit numbers with one scale for each output; it runs like any other, and
        faster. With --bits 4, most are 4-bit numbers with a scale and a minimum for every 32 columns. Both are rounded by what the
        layers make of passages of --corpus, and of those --questions that are not answered to measure. With --corpus, the model's card
        (README.md) says perplexity and retrieval recall before and after, and, with --questions, exact match. It is a model of its own: make its index with it.

        --out appears when all of it is there; after Ctrl-C nothing is left behind.
        """,
    options: [
        .required("model", "DIR", "the model directory, with F32, F16 or BF16 weights"),
        .required("out", "DIR", "the directory of the new model; must not exist, or be empty"),
        .optional("bits", "8|4", "bits of most numbers (default: 8)"),
        Option(
            name: "corpus", value: "FILE",
            help: "corpus files to measure with and to round by, as `imprag index` reads them",
            isList: true),
        .optional(
            "format", CorpusFormat.allCases.map(\.rawValue).joined(separator: "|"),
            "the corpus format (default: told from the content)"),
        .optional(
            "questions", "FILE",
            "with --corpus: questions with answers, as `imprag eval` reads them (default: made from passages)"),
        .flag("raw", "the questions are whole prompts; without it they are put into the template `Q: … A:`"),
        .optional(
            "passages", "N",
            "with --corpus: search among a random sample of N passages of a larger corpus (default: 20000)"),
        .optional("texts", "N", "with --corpus: passages whose perplexity is measured (default: 200)"),
        .optional("threads", "N", "threads for matrix products (default: one a core)"),
    ],
    example: "imprag quantize --model Models/encyclopedia-tiny --out encyclopedia-int8 "
        + "--corpus Examples/encyclopedia/passages.jsonl --questions Examples/encyclopedia/questions.jsonl",
    run: { arguments in
        let options = try quantizeOptions(arguments)
        try checkModel(arguments)
        let interruption = try Interruption()
        let line = ProgressLine()
        let job = QuantizeJob(
            options: options, isCancelled: { interruption.hasArrived },
            progress: { line.show($0.text, isImportant: $0.isLast) })
        do {
            let report = try job.run()
            line.finish()
            try writeLine(summary(report, directory: options.directory))
        } catch let error as ImpRAGError where error.code == .cancelled {
            line.finish()
            throw ImpRAGError(.cancelled, "stopped; nothing is left behind")
        }
    }
)

private func quantizeOptions(_ arguments: Arguments) throws -> QuantizeOptions {
    var options = QuantizeOptions(model: arguments.required("model"), directory: arguments.required("out"))
    options.corpus = arguments.strings("corpus")
    for name in ["format", "questions", "passages", "texts"] where arguments.has(name) && options.corpus.isEmpty {
        throw UsageError(message: "--\(name) is about --corpus, which is not given")
    }
    guard arguments.has("questions") || !arguments.has("raw") else {
        throw UsageError(message: "--raw is about --questions, which is not given")
    }
    let bits = try arguments.integer("bits", in: 4...8) ?? options.bits
    guard bits == 4 || bits == 8 else { throw UsageError(message: "--bits is \(bits); 8 or 4 is right") }
    options.bits = bits
    options.format = try arguments.choice("format", as: CorpusFormat.self)
    options.questions = arguments.string("questions")
    options.questionsAreRaw = arguments.has("raw")
    options.passages = try arguments.integer("passages", in: 1...10_000_000) ?? options.passages
    options.scoredPassages = try arguments.integer("texts", in: 1...1_000_000) ?? options.scoredPassages
    options.threads = try arguments.integer("threads", in: 1...1024)
    return options
}

private func summary(_ report: QuantizeReport, directory: String) -> String {
    var lines = ["\(directory): \(report.resultBytes) of weights instead of \(report.sourceBytes)"]
    guard let comparison = report.comparison else {
        return lines[0] + "; nothing was measured, which takes --corpus"
    }
    func difference(_ pair: QuantizeComparison.Pair, _ digits: Int) -> String {
        "\(fixed(pair.original, digits)) before, \(fixed(pair.result, digits)) after"
    }
    lines.append("perplexity   \(difference(comparison.perplexity, 3))")
    for (k, share) in comparison.recall {
        lines.append("recall@\(k)".padded(to: 13) + difference(share.percent, 2))
    }
    if let share = comparison.exactMatch {
        lines.append("exact match  \(difference(share.percent, 2)) (\(comparison.answeredQuestions) questions)")
    }
    lines.append(
        "log-probabilities of \(comparison.scoredTokens) tokens differ by \(fixed(comparison.meanError, 4)) on average, "
            + "\(fixed(comparison.largestError, 3)) at most")
    return lines.joined(separator: "\n")
}

extension QuantizeProgress {
    /// One line for humans: progress, rate, time left.
    fileprivate var text: String {
        let share = total > 0 ? 100 * done / total : 100
        let eta = pace.remainingSeconds.map { ", \(readable(seconds: $0)) left" } ?? ""
        switch phase {
        case .reading, .quantizing:
            return
                "\(phase.rawValue): \(ByteCount(done)) of \(ByteCount(total)) (\(share) %), \(ByteCount(Int(pace.rate)))/s\(eta)"
        case .rounding: return "\(phase.rawValue): \(done) of \(total) layers (\(share) %)\(eta)"
        case .scoringOriginal, .scoringResult, .searchingOriginal, .searchingResult:
            return
                "\(phase.rawValue): \(done) of \(total) passages (\(share) %), \(fixed(pace.rate, 0)) passages/s\(eta)"
        case .answeringOriginal, .answeringResult:
            return
                "\(phase.rawValue): \(done) of \(total) questions (\(share) %), \(fixed(pace.rate, 1)) questions/s\(eta)"
        }
    }

    fileprivate var isLast: Bool { phase != .reading && done >= total }
}
