import Core
import Evaluation
import Foundation
import Kernels
import Model

let benchModelCommand = Command(
    name: "bench model",
    summary: "Measures a model's forward pass: prompts, decoding, embedding",
    discussion: """
        Runs made-up tokens through the model: prompts of several lengths, answers one at a time and several at once, and
        passages through the bottom layers. Beside each speed stands its share of what this machine can do, measured in the same
        run: products a second of numbers in registers for prompts, bytes that all threads read a second for decoding.
        Both are measured again beside every figure, and the most counts. A figure is the median of its repeats.
        """,
    options: modelOptions + [
        .optional("tokens", "LIST", "lengths of prompts (default: 128,512,1300)"),
        .optional("answers", "LIST", "answers that are decoded at once (default: 1,8)"),
        .optional("lengths", "FILE", "tokens of each embedded passage, one number a line (default: 64 of 130)"),
        .optional("repeats", "N", "runs that a figure is the median of (default: 3)"),
        .flag("json", "print one JSON object a figure"),
    ],
    example: "imprag bench model --model Models/encyclopedia-tiny",
    run: { arguments in
        let threads = try arguments.integer("threads", in: 1...1024) ?? ProcessInfo.processInfo.activeProcessorCount
        let repeats = try arguments.integer("repeats", in: 1...1000) ?? 3
        let prompts = try numbers(arguments, "tokens") ?? [128, 512, 1300]
        let answers = try numbers(arguments, "answers") ?? [1, 8]
        let lengths = try arguments.string("lengths").map(lengths(path:)) ?? [Int](repeating: 130, count: 64)
        let model = try LlamaModel(
            directory: arguments.required("model"), layers: .all,
            compute: try arguments.choice("compute", as: Compute.self), threadCount: threads)
        var bench = ModelBenchmark(model, threads: threads, repeats: repeats)
        let isJSON = arguments.has("json")
        if !isJSON { try writeLine(heading(bench)) }
        func show(_ figure: ModelBenchmark.Figure) throws {
            try writeLine(isJSON ? json(figure, bench) : line(figure, bench))
        }
        let room = model.configuration.maxPositions
        for tokens in prompts where tokens <= room { try show(bench.prefill(tokens: tokens)) }
        for count in answers { try show(bench.decode(tokens: min(32, room / 2), answers: count)) }
        try show(bench.embed(lengths: lengths.map { min($0, room) }))
    }
)

private func heading(_ bench: ModelBenchmark) -> String {
    let limits = bench.limits
    let products = limits.operationsPerSecond[bench.model.products] ?? 0
    return "\(bench.model.kernels); \(bench.model.weightBytes) of weights; this machine: "
        + "\(fixed(products / 1e9, 0)) GFLOP/s in such products, \(fixed(limits.readBytesPerSecond / 1e9, 1)) GB/s read from memory"
}

private func line(_ figure: ModelBenchmark.Figure, _ bench: ModelBenchmark) -> String {
    let shares = bench.shares(figure)
    let what =
        switch figure.name {
        case "prefill": "prompt of \(figure.tokens) tokens"
        case "decode": "\(figure.batch) answer\(figure.batch == 1 ? "" : "s") at once"
        default: "\(figure.batch) passages embedded"
        }
    let unit = figure.name == "embed" ? "passages/s" : "tokens/s"
    return what.padding(toLength: 26, withPad: " ", startingAt: 0)
        + "\(fixed(figure.perSecond, 1)) \(unit), \(fixed(figure.operationsPerSecond / 1e9, 1)) GFLOP/s "
        + "(\(fixed(100 * shares.products, 0)) %)"
        + (figure.name == "embed"
            ? "" : ", \(fixed(figure.bytesPerSecond / 1e9, 1)) GB/s (\(fixed(100 * shares.memory, 0)) %)")
}

private func json(_ figure: ModelBenchmark.Figure, _ bench: ModelBenchmark) -> String {
    let shares = bench.shares(figure)
    var line = JSONLine()
    line.add("figure", figure.name)
    line.add("compute", bench.model.compute.rawValue)
    line.add(figure.name == "decode" ? "context" : "tokens", figure.tokens)
    line.add("batch", figure.batch)
    line.add(figure.name == "embed" ? "passages_per_second" : "tokens_per_second", figure.perSecond)
    line.add("gflops", figure.operationsPerSecond / 1e9)
    line.add("share_of_products", shares.products)
    line.add("gigabytes_per_second", figure.bytesPerSecond / 1e9)
    line.add("share_of_memory", shares.memory)
    line.add("machine_gigabytes_per_second", bench.limits.readBytesPerSecond / 1e9)
    line.add("machine_gflops", (bench.limits.operationsPerSecond[bench.model.products] ?? 0) / 1e9)
    line.add("weight_bytes", bench.model.weightBytes.bytes)
    return line.line
}

/// A list such as `128,512`.
func numbers(_ arguments: Arguments, _ name: String) throws -> [Int]? {
    guard let text = arguments.string(name) else { return nil }
    let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    guard !numbers.isEmpty, numbers.allSatisfy({ ($0 ?? 0) > 0 }) else {
        throw UsageError(message: "--\(name) is '\(text)'; whole numbers from 1, with commas between them, are right")
    }
    return numbers.compactMap(\.self)
}

private func lengths(path: String) throws -> [Int] {
    var lengths: [Int] = []
    for (index, line) in try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").enumerated() {
        guard let length = Int(line), length > 0 else {
            throw ImpRAGError(
                .invalidArgument, "\(path), line \(index + 1): '\(line.prefix(40))' is no number of tokens, from 1")
        }
        lengths.append(length)
    }
    return lengths
}
