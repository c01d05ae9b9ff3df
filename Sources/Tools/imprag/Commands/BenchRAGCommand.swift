import Core
import Evaluation
import Foundation
import Model

let benchRAGCommand = Command(
    name: "bench rag",
    summary: "Measures whole answers over passages: first token, tokens a second",
    discussion: """
        Answers a made-up prompt over made-up passages, each read by itself (`independent`), three ways: passages that are read when the
        prompt comes, states that are decoded from what a shard would send, and states that are still in the process. Times count
        from the prompt's tokens; search and network are not in them.
        """,
    options: modelOptions + [
        .optional("passages", "N", "passages (default: 10)"),
        .optional("passage-tokens", "N", "tokens of each (default: 130)"),
        .optional("prompt-tokens", "N", "tokens of the prompt (default: 60)"),
        .optional("answer-tokens", "N", "tokens of the answer (default: 32)"),
        .optional("codec", "bf16|int8", "how states are stored (default: bf16)"),
        .optional("repeats", "N", "runs that a figure is the median of (default: 3)"),
        .flag("json", "print one JSON object a figure"),
    ],
    example: "imprag bench rag --model Models/encyclopedia-tiny --passages 3 --passage-tokens 60",
    run: { arguments in
        let threads = try arguments.integer("threads", in: 1...1024) ?? ProcessInfo.processInfo.activeProcessorCount
        let codec = try arguments.choice("codec", as: StateCodec.self) ?? .bf16
        guard codec != .pq else {
            throw UsageError(message: "--codec is 'pq', which needs codebooks; bf16 or int8 is right")
        }
        let model = try LlamaModel(
            directory: arguments.required("model"), layers: .all,
            compute: try arguments.choice("compute", as: Compute.self), threadCount: threads)
        let bench = AnswerBenchmark(
            model, threads: threads, coder: try StateCoder(model, codec: codec),
            passages: try arguments.integer("passages", in: 0...1000) ?? 10,
            passageTokens: try arguments.integer("passage-tokens", in: 1...model.configuration.maxPassageTokens)
                ?? min(130, model.configuration.maxPassageTokens),
            promptTokens: try arguments.integer("prompt-tokens", in: 1...100_000) ?? 60,
            answerTokens: try arguments.integer("answer-tokens", in: 1...100_000) ?? 32,
            repeats: try arguments.integer("repeats", in: 1...1000) ?? 3)
        for source in AnswerBenchmark.Source.allCases {
            let figure = try bench.measure(source)
            guard arguments.has("json") else {
                try writeLine(
                    "passages \(source.rawValue): first token after \(fixed(1000 * figure.firstTokenSeconds, 1)) ms, "
                        + "\(fixed(1000 * figure.productSeconds, 1)) of them products, "
                        + "\(fixed(figure.tokensPerSecond, 1)) tokens/s; "
                        + "\(ByteCount(figure.storedBytes)) of states in \(codec.rawValue)")
                continue
            }
            var line = JSONLine()
            line.add("figure", "rag")
            line.add("compute", model.compute.rawValue)
            line.add("passages", source.rawValue)
            line.add("codec", codec.rawValue)
            line.add("first_token_seconds", figure.firstTokenSeconds)
            line.add("product_seconds", figure.productSeconds)
            line.add("tokens_per_second", figure.tokensPerSecond)
            line.add("stored_bytes", figure.storedBytes)
            try writeLine(line.line)
        }
    }
)
