import Core
import Foundation
import Model
import Testing

/// What each codec costs, for the tables of docs/passage-states.md. Prints; runs only where the environment names a
/// model:
///
///     IMPRAG_MEASURE_STATES=Models/encyclopedia-tiny swift test --filter StateCodecMeasurement
///     IMPRAG_MEASURE_STATES=DIR IMPRAG_MEASURE_TOKENS=130 …     passages of random tokens, for models without a corpus
@Suite(.enabled(if: ProcessInfo.processInfo.environment["IMPRAG_MEASURE_STATES"] != nil))
struct StateCodecMeasurement {
    private struct Case {
        let prompt: [Int32]
        let passages: [[Int32]]
        /// What is scored; nil for what the exact states answer.
        let completion: [Int32]?
        let answers: [String]
    }

    private struct Outcome {
        let answer: [Int32]
        let logprobs: [Float]
    }

    private let environment = ProcessInfo.processInfo.environment

    @Test("codecs are measured")
    func measure() throws {
        let whole = try ImpRAGModel(
            directory: environment["IMPRAG_MEASURE_STATES"] ?? "", layers: .all, threadCount: 1)
        let model = whole.model
        let isRandom = environment["IMPRAG_MEASURE_TOKENS"] != nil
        let cases = try isRandom ? randomCases(model) : encyclopediaCases(whole)
        let training = try isRandom ? cases.flatMap(\.passages) : trainingPassages(whole)
        let states = try read(model, training, measures: false)
        let start = processorSeconds()
        let codebooks = try StateCodebooks.train(model, on: states, seed: 1)
        print("trained in \(processorSeconds() - start) s: \(codebooks.bytes.count) bytes")
        let exact = try cases.map { try read(model, $0.passages, measures: true) }
        let truth = try zip(cases, exact).map { try outcome(whole, $0, $1, scored: $0.completion) }
        report("none", cases, truth, truth, whole, "")
        for keepsHalf in [false, true] {
            for codec in StateCodec.allCases {
                let coder = try StateCoder(
                    model, codec: codec, keepsHalf: keepsHalf, codebooks: codec == .pq ? codebooks : nil)
                var (encoding, decoding) = (0.0, 0.0)
                var (tokens, bytes, passages) = (0, 0, 0)
                var outcomes: [Outcome] = []
                for (index, entry) in cases.enumerated() {
                    let known = try exact[index].map { passage in
                        let begin = processorSeconds()
                        let stored = coder.encode(passage)
                        encoding += processorSeconds() - begin
                        // Once before: what counts is the work, not the first touch of memory.
                        _ = try coder.decode(stored)
                        let middle = processorSeconds()
                        let decoded = try coder.decode(stored)
                        decoding += processorSeconds() - middle
                        (tokens, bytes, passages) = (tokens + passage.tokenCount, bytes + stored.count, passages + 1)
                        return decoded
                    }
                    outcomes.append(
                        try outcome(whole, entry, known, scored: entry.completion ?? truth[index].answer))
                }
                #expect(outcomes.count == truth.count)
                report(
                    "\(codec)\(keepsHalf ? ", half" : "")", cases, truth, outcomes, whole,
                    "\(bytes / tokens) bytes a token, \(tokens / passages) tokens a passage, "
                        + "encode \(Int(encoding * 1e6) / passages) µs, decode \(Int(decoding * 1e6) / passages) µs")
            }
        }
    }

    /// Of this process: what others do on the machine hardly counts.
    private func processorSeconds() -> Double { Double(clock()) / Double(CLOCKS_PER_SEC) }

    private func report(
        _ name: String, _ cases: [Case], _ truth: [Outcome], _ found: [Outcome], _ model: ImpRAGModel, _ rest: String
    ) {
        let errors = zip(truth, found).flatMap { zip($0.logprobs, $1.logprobs).map { abs(Double($0) - Double($1)) } }
        let matches = zip(cases, found).count { entry, outcome in
            let text = (try? model.text(of: outcome.answer)) ?? ""
            return entry.answers.contains { $0.lowercased() == text.trimmingCharacters(in: .whitespaces).lowercased() }
        }
        let same = zip(truth, found).count { $0.answer == $1.answer }
        let count = Double(max(1, errors.count))
        let likelihood = found.flatMap(\.logprobs).reduce(0) { $0 + Double($1) } / count
        print(
            "\(name): exact match \(matches), same answer \(same) of \(cases.count), log-probability \(likelihood), "
                + "error mean \(errors.reduce(0, +) / count), largest \(errors.max() ?? 0); \(rest)")
    }

    private func read(_ model: LlamaModel, _ passages: [[Int32]], measures: Bool) throws -> [EncodedPassage] {
        let reading = try PassageReading(model, passages, encoding: .independent, measuresAttention: measures)
        while reading.advance(tokenLimit: .max) {}
        return reading.encoded
    }

    /// Greedy tokens, and the log-probabilities of `scored`, or of the answer itself.
    private func outcome(
        _ model: ImpRAGModel, _ entry: Case, _ known: [EncodedPassage], scored: [Int32]?
    ) throws -> Outcome {
        let reading = try PassageReading(
            model.model, entry.passages, encoding: .independent,
            known: Dictionary(uniqueKeysWithValues: known.enumerated().map { ($0, $1) }))
        let state = try model.promptStates([PromptRequest(tokens: entry.prompt, k: known.count)])[0]
        let greedy = try model.model.continueFrom(state, passages: reading.state)
        var answer: [Int32] = []
        while answer.count < 16 {
            let highest = greedy.logits.max() ?? 0
            let token = Int32(greedy.logits.firstIndex(of: highest) ?? 0)
            if model.configuration.endTokens.contains(token) { break }
            answer.append(token)
            try greedy.append(token)
        }
        let session = try model.model.continueFrom(state, passages: reading.state)
        var logprobs: [Float] = []
        for token in scored ?? answer {
            let highest = session.logits.max() ?? 0
            let sum = session.logits.reduce(0.0) { $0 + exp(Double($1 - highest)) }
            logprobs.append(session.logits[Int(token)] - highest - Float(log(sum)))
            try session.append(token)
        }
        return Outcome(answer: answer, logprobs: logprobs)
    }

    private func randomCases(_ model: LlamaModel) throws -> [Case] {
        var random = SplitMix64(seed: 11)
        let count = Int(environment["IMPRAG_MEASURE_TOKENS"] ?? "") ?? 130
        let tokens = { (count: Int) in
            (0..<count).map { $0 == 0 ? model.configuration.bosToken : Int32.random(in: 100..<4000, using: &random) }
        }
        return [Case(prompt: tokens(30), passages: (0..<10).map { _ in tokens(count) }, completion: nil, answers: [])]
    }

    private struct Question: Decodable {
        let question: String
        let answers: [String]
        let passage: String
    }

    private struct Line: Decodable {
        let id: String
        let title: String?
        let text: String
    }

    private func lines<Value: Decodable>(_ file: String, as: Value.Type) throws -> [Value] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(contentsOf: root.appending(path: "Examples/encyclopedia/\(file)"), encoding: .utf8)
            .split(separator: "\n").map { try JSONDecoder().decode(Value.self, from: Data($0.utf8)) }
    }

    private func passageTokens(_ model: ImpRAGModel, _ line: Line) throws -> [Int32] {
        try model.passageTokens(Passage(id: line.id, title: line.title ?? "", text: line.text))
    }

    /// 200 questions, each with its own passage.
    private func encyclopediaCases(_ model: ImpRAGModel) throws -> [Case] {
        let passages = Dictionary(
            uniqueKeysWithValues: try lines("passages.jsonl", as: Line.self).map { ($0.id, $0) })
        let questions = try lines("questions.jsonl", as: Question.self)
        return try stride(from: 0, to: questions.count, by: questions.count / 200).prefix(200).map { index in
            let question = questions[index]
            let passage = try #require(passages[question.passage])
            return Case(
                prompt: try model.promptTokens("Q: \(question.question) A:"),
                passages: [try passageTokens(model, passage)],
                completion: try model.completionTokens(" " + question.answers[0]), answers: question.answers)
        }
    }

    /// Some 400 passages, spread over the corpus.
    private func trainingPassages(_ model: ImpRAGModel) throws -> [[Int32]] {
        let passages = try lines("passages.jsonl", as: Line.self)
        return try stride(from: 7, to: passages.count, by: passages.count / 400).map {
            try passageTokens(model, passages[$0])
        }
    }
}
