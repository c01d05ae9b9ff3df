import Core
import Foundation
import Model

/// The options of every command that loads a model itself.
let modelOptions: [Option] =
    [
        .required("model", "DIR", "a Hugging Face model directory with an `imprag` object in its config.json")
    ] + computeOptions

/// Those that say how it computes.
let computeOptions: [Option] = [
    .optional(
        "compute", "f32|bf16|int8", "arithmetic of the matrix products (default: what the weights are stored in)"),
    .optional("threads", "N", "threads for matrix products (default: one a core)"),
]

/// Refuses what is no model's directory.
func checkModel(_ arguments: Arguments) throws(ImpRAGError) {
    let directory = arguments.required("model")
    guard FileManager.default.fileExists(atPath: directory + "/config.json") else {
        throw ImpRAGError(
            .notFound,
            "there is no model in \(directory): \(directory)/config.json is missing; a directory that holds one, with "
                + "tokenizer.json and the weights, is right")
    }
}

/// Loads the model that `--model`, `--compute` and `--threads` name.
func loadModel(_ arguments: Arguments, layers: LlamaModel.Layers) throws -> ImpRAGModel {
    let compute = try arguments.choice("compute", as: Compute.self)
    let threadCount = try arguments.integer("threads", in: 1...1024)
    try checkModel(arguments)
    return try ImpRAGModel(
        directory: arguments.required("model"), layers: layers, compute: compute, threadCount: threadCount)
}
