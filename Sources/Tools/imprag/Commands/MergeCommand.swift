import Core
import Foundation
import Indexing

let mergeCommand = Command(
    name: "merge",
    summary: "Makes one index of the parts that several indexers have made",
    discussion: """
        PART is a directory that is a part, as `imprag index --part` makes them, or one that holds parts; without any, the
        parts in --out are meant. All parts must be complete, each there once, of the same corpus, model and options. The index
        is the one that a single `imprag index` would have made, with the passages' states that the parts have. The model embeds
        nothing but questions for measuring recall and what words are worth; with --store-kv it computes states that no part has.

        After Ctrl-C, or whatever else ended it, the same command goes on where it stopped. Parts are only read; when the
        index is complete they can be removed.
        """,
    positional: "[PART...]",
    options: [
        .required("model", "DIR", "the model directory, that of the parts"),
        .required("out", "DIR", "the directory of the index"),
        .flag("force", "replace another index in the directory"),
        .flag("discard-updates", "with --force: also an index that has taken updates, which are lost then"),
    ] + VectorIndexOptions.options + StateRequest.options + computeOptions,
    example: "imprag merge --model Models/encyclopedia-tiny --out index",
    run: { arguments in
        var options = MergeOptions(
            parts: arguments.words, directory: arguments.required("out"),
            modelName: URL(filePath: arguments.required("model")).lastPathComponent,
            replacesExisting: arguments.has("force"), vectorIndex: try VectorIndexOptions(arguments))
        options.discardsUpdates = try discardsUpdates(arguments)
        try IndexingRun.run(arguments, directory: options.directory) { run throws(ImpRAGError) in
            options.states = run.states
            return try IndexMerger(options: options, embedder: run.embedder, monitor: run.monitor).run()
        }
    }
)
