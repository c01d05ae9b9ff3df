import Core
import Foundation
import Model
import TestSupport
import Testing

@testable import Evaluation

@Suite struct CorpusSampleTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func lines(_ file: String, _ count: Int) throws -> String {
        let text = try String(
            contentsOfFile: SharedData.packageRoot + "/Examples/encyclopedia/" + file, encoding: .utf8)
        let path = directory.file(file)
        try Data(text.split(separator: "\n").prefix(count).joined(separator: "\n").utf8).write(to: URL(filePath: path))
        return path
    }

    @Test("numbers are rounded by questions that are not measured, each with its answer and a passage, and by passages")
    func readings() throws {
        let path = SharedData.packageRoot + "/Models/encyclopedia-tiny"
        var options = QuantizeOptions(model: path, directory: directory.file("out"))
        options.corpus = [try lines("passages.jsonl", 300)]
        options.questions = try lines("questions.jsonl", 200)
        options.scoredPassages = 100
        let sample = try CorpusSample(options, ProgressReporter(isCancelled: { false }, report: { _ in }))
        let model = try ImpRAGModel(directory: path, layers: .all, threadCount: 1)
        let found = sample.probes.map { probe in sample.passages.indices.filter { sample.isFound(probe, at: $0) } }
        let prompts = try sample.probes.map { try model.promptTokens($0.prompt) }
        let passages = try model.sequences(of: sample.passages).map(\.tokens)

        let limit = 1500
        let readings = try sample.readings(model, limit: limit, found: found, answered: 10)
        let asked = readings.filter { !$0.passages.isEmpty }
        #expect(asked.count > 5)
        for reading in asked {
            let place = try #require(prompts.firstIndex { reading.text.starts(with: $0) })
            let passage = try #require(found[place].first)
            #expect(place >= 10 && !sample.scored.contains(passage))
            #expect(reading.passages == [passages[passage]] && reading.requestedPassages == model.configuration.topK)
            let answer = try model.completionTokens(" " + #require(sample.probes[place].question?.answers.first))
            #expect(Array(reading.text.dropFirst(prompts[place].count)) == answer)
        }
        let texts = readings.filter { $0.passages.isEmpty }.map(\.text)
        #expect(texts == sample.unscored.prefix(texts.count).map { passages[$0] } && !texts.isEmpty)
        let (most, least) = (limit + 200, limit * 2 / 3 + 200)
        #expect(readings.reduce(0) { $0 + $1.tokenCount } < most && asked.reduce(0) { $0 + $1.tokenCount } < least)
        // Without a question that is left, passages alone.
        let plain = try sample.readings(model, limit: limit, found: found, answered: 200)
        #expect(plain.allSatisfy { $0.passages.isEmpty } && plain.reduce(0) { $0 + $1.tokenCount } >= limit)
    }
}
