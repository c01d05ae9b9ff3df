import Core
import Foundation

/// The model card of a quantized model: what it is, what was lost, and whose it is.
struct QuantizedModelCard {
    let name: String
    let originalName: String
    /// The original's card, if it has one.
    let original: String?
    let report: QuantizeReport
    /// Whether the questions were given, instead of generated.
    let hasQuestions: Bool

    static let fileName = "README.md"
    /// The name of the original's card next to this one.
    static let originalFileName = "ORIGINAL.md"

    var text: String {
        var parts = [
            "# \(name)", report.bits == 4 ? fourBits : eightBits,
            "## What \(precision) cost\(report.bits == 4 ? "" : "s")",
        ]
        if let comparison = report.comparison {
            parts += figures(comparison)
        } else {
            parts.append(
                """
                Nothing was measured: no corpus was given. This measures perplexity and retrieval recall before and after:

                    imprag quantize\(report.bits == 4 ? " --bits 4" : "") --model \(originalName) --out \(name) --corpus FILE --questions FILE
                """)
        }
        parts.append("## Licence, data, training")
        parts.append(
            original == nil
                ? "Those of `\(originalName)`, which came without a card."
                : "Those of `\(originalName)`: its card is [\(Self.originalFileName)](\(Self.originalFileName)), whose figures are the original's."
        )
        return (frontMatter ?? "") + parts.joined(separator: "\n\n") + "\n"
    }

    private var precision: String { report.bits == 4 ? "4 bits" : "int8" }

    private var eightBits: String {
        """
        The model `\(originalName)` in int8, made by `imprag quantize`: \(report.resultBytes) of weights instead of \(report.sourceBytes). Every
        matrix is whole numbers from −127 to 127 with one scale for each output (the row's largest magnitude over 127); activations become
        8-bit numbers, every 256 of a token with a scale of their own, while the model runs. Embeddings are as they were\(scaledNorms). It is a model of its own, with a fingerprint of its
        own: indexes and passage states of the original do not fit it.
        """
    }

    private var scaledNorms: String {
        report.roundingTokens == 0
            ? ", and so are norms"
            : "; norms above the layers that embeddings are made of are divided by powers of two, and the weights behind them multiplied, by what \(report.roundingTokens) tokens of the corpus are in the original (SmoothQuant)"
    }

    private var fourBits: String {
        let readTexts =
            report.roundingQuestions == 0
            ? "of the corpus" : "of the corpus, and of \(report.roundingQuestions) questions that are answered from it,"
        let rounding =
            report.roundingTokens == 0
            ? "each to the nearest, since there was no corpus to round them by"
            : "such that what the layers make of \(report.roundingTokens) tokens \(readTexts) changes least (GPTQ)"
        return """
            The model `\(originalName)` in 4 bits, made by `imprag quantize --bits 4`: \(report.resultBytes) of weights instead of \(report.sourceBytes). Feed-forward
            matrices are whole numbers from 0 to 15 with a scale and a minimum for every 32 columns, rounded \(rounding). In the same layers those of
            attention are 8-bit numbers with a scale for every 32 columns. The layers that embeddings are
            made of, and the output layer, are 8-bit numbers with one scale for each output. Activations become 8-bit numbers while the model runs.
            Embeddings are as they were\(scaledNorms). It is a model of its own, with a fingerprint of its own: indexes and passage states of the original do not fit it.
            """
    }

    /// The block of settings at the top of the original's card (licence, languages), which model hubs read.
    private var frontMatter: String? {
        guard let original, original.hasPrefix("---\n"),
            let end = original.dropFirst(4).range(of: "\n---\n")
        else { return nil }
        return String(original[..<end.upperBound]) + "\n"
    }

    private func figures(_ comparison: QuantizeComparison) -> [String] {
        var rows = [
            "| | original, \(comparison.originalArithmetic) | \(precision) | difference |", "|---|---|---|---|",
            row("perplexity", comparison.perplexity, digits: 3, unit: ""),
        ]
        for (k, share) in comparison.recall {
            rows.append(row("recall@\(k)", share.percent, digits: 2, unit: " %"))
        }
        if let share = comparison.exactMatch {
            rows.append(row("exact match", share.percent, digits: 2, unit: " %"))
        }
        let answers =
            comparison.exactMatch == nil
            ? ""
            : "\n- Exact match: greedy answers to \(comparison.answeredQuestions) of the questions, over the passages that each model finds."
        let questions =
            hasQuestions
            ? "\(comparison.questions) given questions, right where an answer stands in a passage"
            : "\(comparison.questions) questions made from the first sentences of passages, right where that passage is found"
        let among =
            comparison.passages == comparison.corpusPassages
            ? "all \(comparison.passages) passages of the corpus"
            : "a random sample of \(comparison.passages) of the corpus' \(comparison.corpusPassages) passages, so it is higher than among all"
        return [
            rows.joined(separator: "\n"),
            """
            The log-probability of a token differs by \(number(comparison.meanError, 4)) on average and by \(number(comparison.largestError, 3)) at most.

            - Perplexity and log-probabilities: \(comparison.scoredTokens) tokens of \(comparison.scoredPassages) passages drawn at random, each by itself, without retrieval (k = 0).
            - Recall: \(questions); exact search among \(among).\(answers)
            """,
        ]
    }

    private func row(_ name: String, _ pair: QuantizeComparison.Pair, digits: Int, unit: String) -> String {
        let difference = pair.result - pair.original
        let sign = difference < 0 ? "−" : "+"
        return "| \(name) | \(number(pair.original, digits))\(unit) | \(number(pair.result, digits))\(unit) | "
            + "\(sign)\(number(abs(difference), digits)) |"
    }

    private func number(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }
}
