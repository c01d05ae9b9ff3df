import Core
import Evaluation
import Foundation
import Model

let benchHandoverCommand = Command(
    name: "bench handover",
    summary: "Measures handing a prompt's state over against computing it again",
    discussion: """
        Runs made-up prompts through the bottom layers, as a coordinator does, and hands their states to a receiver in the same
        process over a Unix socket, as to a generator: bytes of the state, microseconds from the state here to a checked state
        there, and milliseconds of the layers that a generator is spared. Times are medians of the repeats.
        """,
    options: modelOptions + [
        .optional("tokens", "LIST", "lengths of prompts (default: 60,512,2048)"),
        .optional("repeats", "N", "runs that a time is the median of (default: 5)"),
        .flag("json", "print one JSON object a length"),
    ],
    example: "imprag bench handover --model Models/encyclopedia-tiny",
    run: { arguments in
        let threads = try arguments.integer("threads", in: 1...1024) ?? ProcessInfo.processInfo.activeProcessorCount
        let repeats = try arguments.integer("repeats", in: 1...1000) ?? 5
        let lengths = try numbers(arguments, "tokens") ?? [60, 512, 2048]
        let model = try LlamaModel(
            directory: arguments.required("model"), layers: .bottom,
            compute: try arguments.choice("compute", as: Compute.self), threadCount: threads)
        let bench = try HandoverBenchmark(model, repeats: repeats)
        let isJSON = arguments.has("json")
        if !isJSON { try writeLine("layers 0…\(model.configuration.bottomBoundary) of \(model.kernels)") }
        for tokens in lengths where tokens <= model.configuration.maxPositions {
            let figure = try await bench.measure(tokens: tokens)
            try writeLine(isJSON ? json(figure) : line(figure))
        }
    }
)

private func line(_ figure: HandoverBenchmark.Figure) -> String {
    "\(figure.tokens) tokens".padding(toLength: 14, withPad: " ", startingAt: 0)
        + "\(figure.bytes) bytes handed over in \(fixed(figure.handoverSeconds * 1e6, 0)) µs, "
        + "computed again in \(fixed(figure.recomputeSeconds * 1e3, 1)) ms "
        + "(\(fixed(figure.recomputeSeconds / figure.handoverSeconds, 0)) times as long)"
}

private func json(_ figure: HandoverBenchmark.Figure) -> String {
    var line = JSONLine()
    line.add("tokens", figure.tokens)
    line.add("bytes", figure.bytes)
    line.add("handover_microseconds", figure.handoverSeconds * 1e6)
    line.add("recompute_milliseconds", figure.recomputeSeconds * 1e3)
    return line.line
}
