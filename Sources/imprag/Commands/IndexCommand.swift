import Core
import Corpus
import Evaluation
import Foundation
import Indexing
import Inference
import Model
import VectorIndex

let indexCommand = Command(
    name: "index",
    summary: "Embeds a corpus and writes it as an index of one or more shards",
    discussion: """
        Corpora: JSONL ({"id","title","text"}, Atlas's "section" too), DPR's TSV (id, text, title) and KILT's knowledge source,
        each plain or gzip. Documents longer than a passage are cut on word borders, and every piece keeps the title. Each
        passage goes to the shard that a hash of its id names. Of several documents with the same id, the last one counts.

        After Ctrl-C, or whatever else ended it, the same command goes on where it stopped.
        """,
    options: [
        .required("model", "DIR", "the model directory"),
        .list("corpus", "FILE", "the corpus files, in order"),
        .required("out", "DIR", "the directory of the index"),
        .optional("shards", "N", "partitions (default: 2)"),
        .optional(
            "format", "NAME",
            "the corpus format: \(CorpusFormat.allCases.map(\.rawValue).joined(separator: ", ")) "
                + "(default: told from the content)"),
        .optional("words", "N", "words of a passage; 0 cuts nothing (default: 100)"),
        .optional("recall", "X", "the recall@10 that searches aim at by default, 0.5 to 0.999 (default: 0.95)"),
        .optional(
            "questions", "FILE",
            "questions like those to come, \(SampleQueries.least) or more, as `imprag eval` reads them, for measuring what "
                + "--recall takes (default: made from passages)"),
        .flag("raw", "the questions are whole prompts; without it they are put into the template `Q: … A:`"),
        .flag("skip-bad", "go on after bad lines and say how many there were"),
        .flag("force", "replace another index in the directory"),
        .optional("compute", "f32|bf16", "arithmetic of the matrix products (default: what the weights are stored in)"),
        .optional("threads", "N", "threads for matrix products (default: one a core)"),
    ],
    example: "imprag index --model Models/encyclopedia-tiny --corpus Examples/encyclopedia/passages.jsonl --out index",
    run: { arguments in
        let options = IndexOptions(
            corpus: arguments.strings("corpus"), directory: arguments.required("out"),
            shardCount: try arguments.integer("shards", in: 1...IndexOptions.shardLimit) ?? 2,
            format: try arguments.choice("format", as: CorpusFormat.self),
            wordsPerPassage: try arguments.integer("words", in: 0...1_000_000) ?? 100,
            skipsBadLines: arguments.has("skip-bad"),
            modelName: URL(filePath: arguments.required("model")).lastPathComponent,
            replacesExisting: arguments.has("force"),
            recall: try arguments.number("recall", in: SearchOptions.recallRange) ?? 0.95,
            prompts: try samplePrompts(arguments),
            threads: try arguments.integer("threads", in: 1...1024))
        let model = try loadModel(arguments, layers: .bottom)
        printError("model \(model.fingerprint.short), \(model.model.weightBytes) of weights; \(model.model.kernels)")
        let interruption = try Interruption()
        let progress = ProgressLine()
        let gemmBefore = LlamaModel.gemmSeconds
        let builder = IndexBuilder(
            options: options, embedder: Embedder(model: model), isCancelled: { interruption.hasArrived },
            progress: { progress.show($0.text, isImportant: $0.isLast) })
        do {
            let report = try builder.run()
            progress.finish()
            let threads = try arguments.integer("threads", in: 1...1024) ?? ProcessInfo.processInfo.activeProcessorCount
            let gemmSeconds = (LlamaModel.gemmSeconds - gemmBefore) / Double(threads)
            try writeLine(summary(report, gemmSeconds: gemmSeconds, directory: options.directory))
        } catch let error as ImpRAGError where error.code == .cancelled {
            progress.finish()
            throw ImpRAGError(.cancelled, "stopped; nothing is lost, and the same command goes on from here")
        }
    }
)

/// What `--questions` names, as the model will see it; nil without the option.
private func samplePrompts(_ arguments: Arguments) throws -> [String]? {
    guard let path = arguments.string("questions") else {
        guard !arguments.has("raw") else { throw UsageError(message: "--raw is about --questions, which is not given") }
        return nil
    }
    let questions = try QuestionReader.readTexts(path: path)
    guard questions.count >= SampleQueries.least else {
        throw ImpRAGError(
            .invalidArgument,
            "\(path) holds \(questions.count) questions; to measure recall with them takes at least \(SampleQueries.least), and "
                + "more than \(SampleQueries.limit) are not used")
    }
    return arguments.has("raw") ? questions : questions.map(Question.prompt)
}

/// The model as the indexer sees it.
private struct Embedder: PassageEmbedder {
    let model: ImpRAGModel

    var fingerprint: Fingerprint { model.fingerprint }
    var dimension: Int { model.configuration.embeddingDimension }
    var arithmetic: String { model.model.compute.rawValue }

    func embed(_ passages: [Passage]) throws(ImpRAGError) -> [Float] {
        try model.embed(passages: passages)
    }

    func embed(prompts: [String]) throws(ImpRAGError) -> [Float] {
        try model.embed(queries: prompts)
    }
}

/// - Parameter gemmSeconds: time in matrix products, a thread.
private func summary(_ report: IndexReport, gemmSeconds: Double, directory: String) -> String {
    let shards = report.passagesPerShard.map(String.init).joined(separator: " + ")
    guard !report.wasComplete else {
        return
            "\(directory) is already complete: \(report.passages) passages in \(report.passagesPerShard.count) shards (\(shards))"
    }
    func plural(_ count: Int, _ word: String) -> String { "\(count) \(word)\(count == 1 ? "" : "s")" }
    var lines = [
        "\(plural(report.passages, "passage")) in \(plural(report.passagesPerShard.count, "shard")) (\(shards)) of "
            + "\(plural(report.documents, "document")); \(plural(report.duplicates, "duplicate")) (the last one counts), "
            + "\(plural(report.badLines.count, "bad line"))",
        "\(report.embedded) embedded in \(fixed(report.seconds, 1)) s: \(fixed(report.passagesPerSecond, 0)) passages/s; "
            + "\(fixed(100 * report.embeddingSeconds / max(report.seconds, 1e-9), 0)) % of the time in the model, "
            + "\(fixed(100 * gemmSeconds / max(report.seconds, 1e-9), 0)) % in matrix products",
    ]
    if let calibrated = report.calibrated {
        lines.append(
            "vector index calibrated with \(calibrated.queries) \(calibrated.source.words): recall@10 \(fixed(calibrated.recall, 3))"
        )
    }
    lines += report.badLines.examples.map { "  bad: " + $0 }
    return lines.joined(separator: "\n")
}
