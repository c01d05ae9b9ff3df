import Core
import Model
import TestSupport
import Testing

/// Texts that are scored together, and each by itself.
@Suite struct LikelihoodTests {
    private static let directory = SharedData.packageRoot + "/Models/encyclopedia-tiny"

    @Test("texts that are scored together have the bits that each has as a completion after BOS")
    func together() throws {
        let model = try ImpRAGModel(directory: Self.directory, layers: .all)
        let texts = ["Lima is the capital of Peru.", "Peru", "A longer text: the River Thames flows through London."]
        var sequences: [[Int32]] = []
        for text in texts { sequences.append(try model.promptTokens(text)) }
        let together = try model.logProbabilities(of: sequences + [[model.configuration.bosToken]])
        #expect(together.map(\.count) == sequences.map { $0.count - 1 } + [0])
        for (text, probabilities) in zip(texts, together) {
            let alone = try model.score(prompt: "", passages: [], k: 0, encoding: .independent, completion: text)
            #expect(alone.logprobs == probabilities)
        }
    }

    @Test("no texts have no probabilities; an unknown token and an empty sequence are refused")
    func limits() throws {
        let model = try ImpRAGModel(directory: Self.directory, layers: .all)
        #expect(try model.logProbabilities(of: []).isEmpty)
        for sequence: [Int32] in [[], [0, 4096], [-1]] {
            let error = #expect(throws: ImpRAGError.self) { try model.logProbabilities(of: [sequence]) }
            #expect(error?.code == .invalidArgument)
        }
    }
}
