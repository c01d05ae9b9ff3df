import Core
import Foundation
import Indexing
import Words

let indexCommand = Command(
    name: "index",
    summary: "Embeds a corpus and writes it as an index of one or more partitions",
    discussion: """
        Corpora are files: JSONL ({"id","title","text"}, Atlas's "section" too), DPR's TSV (id, text, title) and KILT's knowledge
        source, each plain or gzip; or directories, of which every .txt and .md file is a document. Its id is its path in the
        directory, its title the front matter's or the first heading, else its name; Markdown is cut at headings. Documents longer
        than a passage are cut on word borders, and every piece keeps the title. Each passage goes to the partition in whose
        range the hash of its id lies. Of several documents with the same id, the last one counts.

        After Ctrl-C, or whatever else ended it, the same command goes on where it stopped.

        Several processes, on one or many machines, can index one corpus together: each gets the same command with its own
        --part, 1/N to N/N, and makes its part in --out. `imprag merge` makes the index of the parts.

        With --store-kv, the states that generators compute from passages are computed in the same pass and stored beside the
        partitions; an index or a part that is complete gets them when its command is given again with the option.
        """,
    options: [
        .required("model", "DIR", "the model directory"),
        .list("corpus", "FILE", "corpus files, and directories of .txt and .md files, in order"),
        .required("out", "DIR", "the directory of the index"),
        .optional(
            "partitions", "N", "partitions, each of a range of the hash of passage ids (default: 2)",
            formerName: "shards"),
        .optional(
            "format", CorpusFormat.allCases.map(\.rawValue).joined(separator: "|"),
            "the format of corpus files (default: told from the content)"),
        .optional("words", "N", "words of a passage; 0 cuts nothing (default: 100)"),
        .optional(
            "lexical", "english|plain|off",
            "the index of titles and texts by their words, for `imprag search --words`: english (stop words dropped, words "
                + "stemmed), plain (every word as it is, for other languages) or off (default: english)"),
        .optional("part", "I/N", "make part I of N only, I from 1 to N", formerName: "partition"),
        .flag("skip-bad", "go on after bad lines and say how many there were"),
        .flag("force", "replace another index in the directory, or with --part another such part"),
        .flag("discard-updates", "with --force: also an index that has taken updates, which are lost then"),
    ] + VectorIndexOptions.options + StateRequest.options + computeOptions,
    example: "imprag index --model Models/encyclopedia-tiny --corpus Examples/encyclopedia/passages.jsonl --out index",
    run: { arguments in
        let part = try indexPart(arguments)
        var options = IndexOptions(
            corpus: arguments.strings("corpus"), directory: arguments.required("out"),
            partitionCount: try arguments.integer("partitions", in: 1...IndexOptions.partitionLimit) ?? 2,
            format: try arguments.choice("format", as: CorpusFormat.self),
            wordsPerPassage: try arguments.integer("words", in: 0...1_000_000) ?? 100,
            skipsBadLines: arguments.has("skip-bad"), lexical: try lexicalAnalysis(arguments),
            modelName: URL(filePath: arguments.required("model")).lastPathComponent,
            replacesExisting: arguments.has("force"),
            vectorIndex: try VectorIndexOptions(arguments), part: part)
        options.discardsUpdates = try discardsUpdates(arguments)
        try IndexingRun.run(arguments, directory: options.directory) { run throws(ImpRAGError) in
            options.states = run.states
            return try IndexBuilder(options: options, embedder: run.embedder, monitor: run.monitor).run()
        }
    }
)

/// Whether `--force` may drop updates.
func discardsUpdates(_ arguments: Arguments) throws(UsageError) -> Bool {
    guard arguments.has("discard-updates") else { return false }
    guard arguments.has("force") else {
        throw UsageError(message: "--discard-updates is about --force, which is not given")
    }
    return true
}

/// What `--lexical` names; nil for off.
func lexicalAnalysis(_ arguments: Arguments) throws(UsageError) -> WordAnalysis? {
    let text = arguments.string("lexical") ?? WordAnalysis.english.rawValue
    if text == "off" { return nil }
    guard let analysis = WordAnalysis(rawValue: text) else {
        let right = WordAnalysis.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ")
        throw UsageError(message: "--lexical is '\(text)'; one of \(right), 'off' is right")
    }
    return analysis
}

/// What `--part` names; nil without the option.
private func indexPart(_ arguments: Arguments) throws(UsageError) -> IndexPart? {
    guard let text = arguments.string("part") else { return nil }
    guard let part = IndexPart(text) else {
        throw UsageError(
            message: "--part is '\(text)'; one of N equal parts is right, I/N with I from 1 to N and N up to "
                + "\(IndexPart.countLimit), as 2/5")
    }
    // A part has no vector index: options for that belong to the command that makes the whole index.
    for name in VectorIndexOptions.options.map(\.name) where arguments.has(name) {
        throw UsageError(message: "--\(name) is about the whole index; with --part, give it to `imprag merge`")
    }
    return part
}
