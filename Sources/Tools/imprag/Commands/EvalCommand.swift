import Core
import Evaluation

let evalCommand = Command(
    name: "eval",
    summary: "Measures answers and retrieval on questions, KILT's tasks or BEIR's collections",
    discussion: """
        --questions: {id,question,answers[]} JSON lines, or KILT's. Exact match and F1 compare after the usual normalisation (case,
        punctuation, articles); recall@k is the share of questions with an answer inside one of the first k passages.
        --kilt: a file of a KILT task, in the paper's template for it; rprec is KILT's R-precision against the pages of its
        provenance. --beir: searches for every query of qrels/SPLIT.tsv; the figures are trec_eval's, pieces of a document
        (`id#n`) count as the document. In parentheses stands the interval that holds 95 % of resamples of the questions.

        --calibrate: questions as for --questions, whose "answers" may be empty: they have none. From what tells right answers from
        wrong ones (the best scores, the attention that passages get) it picks thresholds for --abstain, and keeps them with the
        collection in --store, or in --index with --model. They hold for the words, encoding and k that they were measured with.

        Asks a running cluster, or, with --model and --index, works in this process. --k 0 switches retrieval off.

        A question that cannot be asked, such as one that is too long, is named, counts as wrong, and the others are asked; the exit
        code is then 1. When \(EvaluationFailures.limitInARow) in a row fail, the others are not asked any more.
        """,
    options: [
        .optional("questions", "FILE", "the questions"),
        .optional("kilt", "FILE", "the questions, in KILT's format"),
        .optional("task", "TASK", "with --kilt: \(KILTTask.allCases.map(\.rawValue).joined(separator: ", "))"),
        .optional("topics", "FILE", "TREC's topics, which have no answers: only the files asked for are written"),
        .optional("beir", "DIR", "a directory with queries.jsonl and qrels; `imprag index` reads its corpus.jsonl"),
        .optional("calibrate", "FILE", "the questions, to pick thresholds for --abstain with"),
        .optional(
            "risk", "X",
            "with --calibrate: the most answers of which at most this share is wrong, 0 to 1 (default: the best balance)"
        ),
        .optional("store", "LOCATION", "with --calibrate: the collection to keep the thresholds with"),
        .optional("split", "NAME", "with --beir: which of its qrels (default: test)"),
        .optional("model", "DIR", "work in this process, with this model"),
        .optional("index", "DIR", "work in this process, with this index"),
        .optional("limit", "N", "only the first N questions"),
        .optional("max-tokens", "N", "the longest answer (default: 32)"),
        .optional(
            "k", "N",
            "passages that the model reads (default: its own number), 0: none, and no recall; with --beir passages to find (default: 100)"
        ),
        .optional(
            "encoding", "concatenated|segmented|independent", "how passages are read (default: the model's)"),
        .flag("abstain", "answer only where the passages give reason to (default: the coordinator's policy)"),
        .flag("raw", "the questions are whole prompts; without it they are put into the template `Q: … A:`"),
        .flag("json", "print one JSON object"),
        .optional("details", "FILE", "write one JSON line a question: answer, right or not, rank of the passage"),
        .optional(
            "predictions", "FILE", "write answers and the pages found, as KILT's scripts and `compare` read them"),
        .optional("trec-run", "FILE", "write the documents found as a TREC run, for trec_eval and `compare`"),
        .optional(
            "trec-rag", "FILE",
            "write answers for TREC's RAG track: sentences, each with the documents that its tokens looked at most"),
        .optional("trec-year", "2024|2025", "the year whose format --trec-rag has (default: 2024)"),
        .optional("run-id", "NAME", "the system's name in TREC's files (default: imprag)"),
        .optional("team-id", "NAME", "the team's name in --trec-rag's file (default: that of the run)"),
        .optional("compute", "f32|bf16|int8", "with --model: arithmetic of the matrix products"),
        .optional("threads", "N", "with --model: threads for matrix products"),
    ] + searchOptionList + wordsOptionList + clientOptions,
    example: "imprag eval --questions Examples/encyclopedia/questions.jsonl",
    run: { arguments in
        try check(arguments)
        let limit = try arguments.integer("limit", in: 1...Int.max) ?? .max
        if let directory = arguments.string("beir") {
            let k = try arguments.integer("k", in: 1...10_000) ?? 100
            let beir = try BEIRQueries(
                directory: directory, split: arguments.string("split") ?? "test", limit: limit)
            return try await evaluateRanking(beir, try subject(arguments, k: nil, answers: false), k: k, arguments)
        }
        let k = try arguments.integer("k", in: 0...(1 << 30))
        let (questions, template): ([EvaluationQuestion], (String) -> String)
        if let path = arguments.string("kilt") {
            guard let task = try arguments.choice("task", as: KILTTask.self) else {
                throw UsageError(message: "--kilt needs --task: each task has its template")
            }
            (questions, template) = (try EvaluationQuestion.readKILT(path: path, limit: limit), task.prompt)
        } else if let path = arguments.string("topics") {
            (questions, template) = (
                try EvaluationQuestion.readTopics(path: path, limit: limit), PromptTemplate.question.prompt
            )
        } else {
            let path = arguments.string("calibrate") ?? arguments.required("questions")
            let needsAnswers = !arguments.has("calibrate") && !arguments.has("abstain")
            questions = try EvaluationQuestion.read(path: path, limit: limit, needsAnswers: needsAnswers)
            template = Question.prompt
        }
        let evaluate = arguments.has("calibrate") ? calibrate : evaluateAnswers
        try await evaluate(
            questions, arguments.has("raw") ? { $0 } : template, try subject(arguments, k: k, answers: true), arguments)
    }
)

private func check(_ arguments: Arguments) throws(UsageError) {
    let given = ["questions", "kilt", "topics", "beir", "calibrate"].filter { arguments.has($0) }
    guard given.count == 1, let source = given.first else {
        throw UsageError(message: "one of --questions, --kilt, --topics, --beir and --calibrate is right")
    }
    let others = [
        ("task", "kilt"), ("split", "beir"), ("risk", "calibrate"), ("store", "calibrate"),
    ].filter { $0.1 != source }
    if let (option, owner) = others.first(where: { arguments.has($0.0) }) {
        throw UsageError(message: "--\(option) is about --\(owner)")
    }
    let files = ["details", "predictions", "trec-run", "trec-rag"]
    if source == "topics", !files.contains(where: { arguments.has($0) }) {
        throw UsageError(
            message: "--topics has no answers to compare with; --trec-rag FILE writes those that are given")
    }
    if arguments.has("run-id"), !arguments.has("trec-run"), !arguments.has("trec-rag") {
        throw UsageError(message: "--run-id is about --trec-run and --trec-rag")
    }
    if let option = ["trec-year", "team-id"].first(where: { arguments.has($0) && !arguments.has("trec-rag") }) {
        throw UsageError(message: "--\(option) is about --trec-rag")
    }
    let aboutAnswers = ["max-tokens", "details", "predictions", "trec-rag", "encoding", "abstain"]
    if source == "beir", let option = aboutAnswers.first(where: { arguments.has($0) }) {
        throw UsageError(message: "--\(option) is about answers; --beir only searches")
    }
    if source == "calibrate", let option = (files + ["abstain"]).first(where: { arguments.has($0) }) {
        throw UsageError(message: "--\(option) does not go with --calibrate")
    }
    guard arguments.has("model") == arguments.has("index") else {
        throw UsageError(message: "--model and --index belong together; without both, a running cluster is asked")
    }
    if arguments.has("model"), let option = searchOptionList.first(where: { arguments.has($0.name) }) {
        throw UsageError(message: "--\(option.name) is for a running cluster; with --model every search is exact")
    }
}

/// The system that the arguments name.
private func subject(_ arguments: Arguments, k: Int?, answers: Bool) throws -> any EvaluationSubject {
    let maxTokens = try arguments.integer("max-tokens", in: 1...(1 << 20)) ?? 32
    let words = try wordsOptions(arguments)
    if arguments.has("model") {
        return try LocalSubject(arguments, k: k, maxTokens: maxTokens, words: words, answers: answers)
    }
    return ClusterSubject(
        client: try makeClient(arguments), k: k, maxTokens: maxTokens, options: try searchOptions(arguments),
        words: words,
        milliseconds: try arguments.integer("deadline", in: 1...86_400_000) ?? 30_000,
        encoding: try arguments.choice("encoding", as: PassageEncoding.self),
        // What is measured is what would be said without thresholds.
        abstains: arguments.has("calibrate") ? false : arguments.has("abstain") ? true : nil,
        measuresTokens: arguments.has("trec-rag"))
}
