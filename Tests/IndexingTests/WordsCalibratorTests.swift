import Core
import Evaluation
import Storage
import TestSupport
import Testing

@testable import Indexing

@Suite struct WordsCalibratorTests: IndexMaking {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private static let count = 80

    /// Passage n has the word "wordn" that no other has; all have "here".
    private func makeIndex() throws -> IndexDirectory {
        let lines = (0..<Self.count).map {
            #"{"id":"d\#($0)","title":"t","text":"This is word\#($0) among others here."}"#
        }
        let path = try file("c.jsonl", lines.joined(separator: "\n"))
        _ = try IndexBuilder(options: options([path], "index", partitions: 2), embedder: try TestEmbedder()).run()
        return try IndexDirectory(path: directory.file("index"))
    }

    /// A question about each passage.
    ///
    /// - Parameters:
    ///   - vector: of which passage a question has the vector.
    ///   - word: of which passage a question has the word.
    private func measure(
        _ index: IndexDirectory, vector: (Int) -> Int, word: (Int) -> Int, _ hint: (Int) -> (String?, [String])
    ) throws -> IndexReport.Words? {
        var vectors = [[Float]](repeating: [], count: Self.count)
        for number in 0..<2 {
            let partition = try index.partition(number)
            let numbers = try partition.loadVectors().map(\.float)
            for (row, passage) in try partition.passages(rows: Array(0..<partition.rowLimit)).enumerated() {
                let number = try #require(Int((passage?.id ?? "").dropFirst()))
                let start = row * partition.dimension
                vectors[number] = Array(numbers[start..<start + partition.dimension])
            }
        }
        let questions = (0..<Self.count).map { number in
            let (passage, answers) = hint(number)
            return SampleQuestion(
                prompt: "", words: "word\(word(number)) here", passages: passage.map { [$0] } ?? [],
                answers: answers)
        }
        var calibrator = WordsCalibrator(
            questions, vectors: (0..<Self.count).flatMap { vectors[vector($0)] }, areGiven: true)
        for number in 0..<2 { try calibrator.ask(try LivePartition(try index.partition(number))) {} }
        return try calibrator.result { number throws(ImpRAGError) in try index.partition(number) }
    }

    private func other(_ number: Int) -> Int { (number + 7) % Self.count }

    @Test("the list that finds the right passages counts more, and neither is left without a say")
    func weights() throws {
        let index = try makeIndex()
        let byID: (Int) -> (String?, [String]) = { ("d\($0)", []) }
        let words = try #require(try measure(index, vector: other, word: { $0 }, byID))
        #expect(words.byWords == 1 && words.byVectors < 0.6 && words.questions == Self.count)
        #expect(words.weight > 0.5 && words.weight <= 0.9)
        let vectors = try #require(try measure(index, vector: { $0 }, word: other, byID))
        #expect(vectors.byVectors > 0.9 && vectors.byWords < 0.5)
        #expect(vectors.weight < 0.5 && vectors.weight >= 0.2)
        // Nothing to choose between them.
        #expect(try measure(index, vector: { $0 }, word: { $0 }, byID)?.weight == 0.5)
    }

    @Test("without the passage's id, its answer tells whether it is right; without both nothing is measured")
    func hints() throws {
        let index = try makeIndex()
        let byAnswer = try #require(try measure(index, vector: other, word: { $0 }) { (nil, ["word\($0)"]) })
        #expect(byAnswer.byWords == 1 && byAnswer.weight > 0.5)
        // An id that is not there says nothing, and the answer counts.
        let byBoth = try measure(index, vector: other, word: { $0 }) { ("nobody", ["word\($0)"]) }
        #expect(byBoth == byAnswer)
        #expect(try measure(index, vector: other, word: { $0 }) { _ in (nil, []) } == nil)
        #expect(try measure(index, vector: other, word: { $0 }) { ($0 < 49 ? "d\($0)" : nil, []) } == nil)
    }

    @Test("what was measured is in the report and in the manifest; a corpus of few passages has no weight")
    func manifest() throws {
        let lines = (0..<60).map { #"{"id":"d\#($0)","text":"Word\#($0) stands here. It stays."}"# }
        let many = try file("many.jsonl", lines.joined(separator: "\n"))
        let embedder = try TestEmbedder()
        let report = try IndexBuilder(options: options([many], "many"), embedder: embedder).run()
        let words = try #require(report.words)
        #expect(words.questions == 60 && !words.areGiven && words.byWords > words.byVectors)
        #expect(
            try contents("many").words
                == IndexManifest.Words(weight: words.weight, questions: 60, areGiven: false))
        #expect(embedder.prompts.count == 60)

        let few = try file("few.jsonl", lines.prefix(10).joined(separator: "\n"))
        let small = try TestEmbedder()
        #expect(try IndexBuilder(options: options([few], "few"), embedder: small).run().words == nil)
        #expect(try contents("few").words == nil && small.prompts.isEmpty)
    }

    @Test("a question made of a passage looks up every third word of its first sentence")
    func madeQuestions() throws {
        let question = try #require(try SamplePrompts.questions(of: try makeIndex().partition(0), count: 1).first)
        let number = try #require(question.passages.first?.dropFirst())
        #expect(question.prompt == "Q: This is word\(number) among others here? A:")
        #expect(question.words == "This among")
    }
}
