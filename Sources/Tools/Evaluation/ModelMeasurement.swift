import Core
import Foundation
import Kernels
import Model

/// How one model does on a sample.
struct ModelMeasurement {
    /// For the scored passages' tokens, passage by passage.
    let logProbabilities: [Float]
    /// Shares of the questions whose passage was among the first 1, 5 and 10.
    let recall: [Double]
    /// Each question's best passages, best first.
    let found: [[Int]]
    /// The share of given questions answered exactly; nil without any.
    let exactMatch: Double?
    let answeredQuestions: Int
    let arithmetic: String

    static let cutoffs = [1, 5, 10]
    /// Texts that run through the layers together.
    private static let scoredTogether = 64
    private static let passagesTogether = 512
    /// As `imprag eval` has it.
    private static let answerTokens = 32

    /// e to the mean negative log-probability of a token; 1 without a token.
    var perplexity: Double {
        exp(-logProbabilities.reduce(0) { $0 + Double($1) } / Double(max(1, logProbabilities.count)))
    }

    /// Progress phases of one model.
    struct Phases {
        let scoring: QuantizeProgress.Phase
        let searching: QuantizeProgress.Phase
        let answering: QuantizeProgress.Phase
    }

    /// - Parameter answered: given questions to answer at most.
    init(
        _ model: ImpRAGModel, _ sample: CorpusSample, _ progress: ProgressReporter, phases: Phases, answered: Int
    ) throws(ImpRAGError) {
        arithmetic = model.model.compute.rawValue
        logProbabilities = try Self.score(model, sample, progress.begin(phases.scoring, total: sample.scored.count))
        found = try Self.search(model, sample, progress.begin(phases.searching, total: sample.passages.count))
        recall = Self.recall(found, sample)
        let given = Array(sample.probes.indices.filter { sample.probes[$0].question != nil }.prefix(answered))
        answeredQuestions = given.count
        exactMatch =
            given.isEmpty
            ? nil
            : try Self.answer(model, sample, given, found, progress.begin(phases.answering, total: given.count))
    }

    private static func score(
        _ model: ImpRAGModel, _ sample: CorpusSample, _ tick: ProgressReporter.Ticker
    ) throws(ImpRAGError) -> [Float] {
        var sequences: [[Int32]] = []
        for place in sample.scored { sequences.append(try model.passageTokens(sample.passages[place])) }
        sequences.sort { $0.count < $1.count }
        var probabilities: [Float] = []
        for first in stride(from: 0, to: sequences.count, by: scoredTogether) {
            let end = min(first + scoredTogether, sequences.count)
            probabilities += try model.logProbabilities(of: Array(sequences[first..<end])).joined()
            try tick(end)
        }
        return probabilities
    }

    /// Exact search as in shards: every question against every passage, with bf16 passage vectors. Each question's
    /// best passages, best first.
    private static func search(
        _ model: ImpRAGModel, _ sample: CorpusSample, _ tick: ProgressReporter.Ticker
    ) throws(ImpRAGError) -> [[Int]] {
        let probes = sample.probes
        let dimension = model.configuration.embeddingDimension
        let queries = try model.embed(queries: probes.map(\.prompt))
        var best = [BestRows](repeating: BestRows(limit: cutoffs.max() ?? 0), count: probes.count)
        for first in stride(from: 0, to: sample.passages.count, by: passagesTogether) {
            let block = first..<min(first + passagesTogether, sample.passages.count)
            let passages = try model.embed(passages: Array(sample.passages[block])).map(BFloat16.init)
            var scores = [Float](repeating: 0, count: probes.count * block.count)
            var out = scores.mutableSpan
            multiplyTransposed(
                queries.span, passages.span, into: &out, m: probes.count, n: block.count, k: dimension)
            for probe in probes.indices {
                for (column, row) in block.enumerated() {
                    best[probe].add(row, score: scores[probe * block.count + column])
                }
            }
            try tick(block.upperBound)
        }
        return best.map(\.rows)
    }

    private static func recall(_ best: [[Int]], _ sample: CorpusSample) -> [Double] {
        var found = [Int](repeating: 0, count: cutoffs.count)
        for (probe, best) in zip(sample.probes, best) {
            guard let place = best.firstIndex(where: { sample.isFound(probe, at: $0) }) else { continue }
            for (index, cutoff) in cutoffs.enumerated() where place < cutoff { found[index] += 1 }
        }
        return found.map { Double($0) / Double(max(1, sample.probes.count)) }
    }

    /// Greedy answers over each question's best passages, as many as the model reads by default.
    private static func answer(
        _ model: ImpRAGModel, _ sample: CorpusSample, _ given: [Int], _ found: [[Int]], _ tick: ProgressReporter.Ticker
    ) throws(ImpRAGError) -> Double {
        let k = min(model.configuration.topK, cutoffs.max() ?? 0)
        let sampling = try Sampling(maxTokens: answerTokens)
        var right = 0
        for (count, place) in given.enumerated() {
            guard let question = sample.probes[place].question else { continue }
            let prompt = try model.promptTokens(sample.probes[place].prompt)
            let state = try model.promptStates([PromptRequest(tokens: prompt, k: k)])[0]
            let answer = try model.answer(
                from: state, passages: found[place].prefix(k).map { sample.passages[$0] },
                encoding: model.configuration.passageEncoding, sampling: sampling)
            var text = ""
            while let token = try answer.next() { text += token.text }
            if AnswerText.isExactMatch(text, answers: question.answers) { right += 1 }
            try tick(count + 1)
        }
        return Double(right) / Double(max(1, given.count))
    }
}
