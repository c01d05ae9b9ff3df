import Core
import Foundation
import TestSupport
import Testing

@testable import Evaluation

@Suite struct QuantizeJobTests {
    private let directory: TemporaryDirectory
    private static let model = SharedData.packageRoot + "/Models/encyclopedia-tiny"

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func options(passages: Int) throws -> QuantizeOptions {
        var options = QuantizeOptions(model: Self.model, directory: directory.file("out"))
        let corpus = try String(
            contentsOfFile: SharedData.packageRoot + "/Examples/encyclopedia/passages.jsonl", encoding: .utf8)
        let lines = corpus.split(separator: "\n").prefix(passages).joined(separator: "\n")
        try Data(lines.utf8).write(to: URL(filePath: directory.file("corpus.jsonl")))
        options.corpus = [directory.file("corpus.jsonl")]
        options.scoredPassages = 20
        return options
    }

    private func run(_ options: QuantizeOptions) throws(ImpRAGError) -> QuantizeReport {
        try QuantizeJob(options: options, isCancelled: { false }, progress: { _ in }).run()
    }

    private var card: String {
        get throws { try String(contentsOfFile: directory.file("out/README.md"), encoding: .utf8) }
    }

    @Test("the card says what int8 costs, with questions made from passages, and keeps the original's beside it")
    func measured() throws {
        let report = try run(options(passages: 300))
        let comparison = try #require(report.comparison)
        #expect(comparison.passages == 300 && comparison.corpusPassages == 300 && comparison.questions == 300)
        #expect(comparison.scoredPassages == 20 && comparison.scoredTokens > 100)
        let perplexity = comparison.perplexity
        #expect(perplexity.original > 1 && abs(perplexity.result / perplexity.original - 1) < 0.05)
        #expect(comparison.meanError > 0 && comparison.meanError < 0.1)
        #expect(comparison.recall.map(\.k) == [1, 5, 10])
        #expect(comparison.recall.allSatisfy { $0.share.original > 0.2 && $0.share.original <= 1 })
        let card = try card
        for words in [
            "# out", "encyclopedia-tiny", "| perplexity |", "| recall@10 |", "all 300 passages", "ORIGINAL.md",
        ] {
            #expect(card.contains(words), "\(words)")
        }
        let original = try Data(contentsOf: URL(filePath: Self.model + "/README.md"))
        #expect(try Data(contentsOf: URL(filePath: directory.file("out/ORIGINAL.md"))) == original)
    }

    @Test("a larger corpus is sampled, the same way every time; given questions are right where an answer stands")
    func sampled() throws {
        var options = try options(passages: 300)
        options.passages = 50
        let text = #"{"id":"q","question":"Which continent is it in?","answers":["no passage says this"]}"#
        try Data(text.utf8).write(to: URL(filePath: directory.file("questions.jsonl")))
        options.questions = directory.file("questions.jsonl")
        let progress = ProgressReporter(isCancelled: { false }, report: { _ in })
        let (first, second) = (try CorpusSample(options, progress), try CorpusSample(options, progress))
        #expect(first.passages == second.passages && first.scored == second.scored)
        #expect(Set(first.passages.map(\.id)).count == 50 && first.corpusPassages == 300)
        let comparison = try #require(try run(options).comparison)
        #expect(comparison.questions == 1 && comparison.recall.allSatisfy { $0.share.result == 0 })
        #expect(try card.contains("50 of the corpus' 300 passages"))
    }

    @Test("without a corpus the card says that nothing was measured, and how to; an empty directory is taken")
    func unmeasured() throws {
        try FileManager.default.createDirectory(atPath: directory.file("out"), withIntermediateDirectories: false)
        let report = try run(QuantizeOptions(model: Self.model, directory: directory.file("out")))
        #expect(report.comparison == nil && report.resultBytes < report.sourceBytes)
        #expect(try card.contains("Nothing was measured") && card.contains("--corpus FILE"))
    }

    @Test("a 4-bit model's card says what it was rounded by, and how many given questions are answered exactly")
    func fourBits() throws {
        var options = try options(passages: 300)
        options.bits = 4
        let questions = try String(
            contentsOfFile: SharedData.packageRoot + "/Examples/encyclopedia/questions.jsonl", encoding: .utf8)
        let some = questions.split(separator: "\n").prefix(6).joined(separator: "\n")
        try Data(some.utf8).write(to: URL(filePath: directory.file("questions.jsonl")))
        options.questions = directory.file("questions.jsonl")
        options.answeredQuestions = 4
        let eight = directory.file("eight")
        let report = try run(options)
        let comparison = try #require(report.comparison)
        #expect(report.bits == 4 && report.roundingTokens > 1000 && report.roundingQuestions <= 2)
        #expect(comparison.answeredQuestions == 4 && comparison.questions == 6 && comparison.exactMatch != nil)
        #expect(abs(comparison.perplexity.result / comparison.perplexity.original - 1) < 0.05)
        let card = try card
        for words in ["in 4 bits", "GPTQ", "\(report.roundingTokens) tokens", "| exact match |", "4 of the questions"] {
            #expect(card.contains(words), "\(words)")
        }
        (options.bits, options.corpus, options.questions, options.directory) = (8, [], nil, eight)
        #expect(try run(options).resultBytes > report.resultBytes)
        (options.bits, options.directory) = (4, directory.file("nearest"))
        #expect(try run(options).roundingTokens == 0)
        let plain = try String(contentsOfFile: directory.file("nearest/README.md"), encoding: .utf8)
        #expect(plain.contains("each to the nearest") && plain.contains("--bits 4"))
    }

    @Test("a directory that holds something is not touched")
    func occupied() throws {
        try FileManager.default.createDirectory(atPath: directory.file("out"), withIntermediateDirectories: false)
        try Data("mine".utf8).write(to: URL(filePath: directory.file("out/note")))
        let options = QuantizeOptions(model: Self.model, directory: directory.file("out"))
        let error = #expect(throws: ImpRAGError.self) { try run(options) }
        #expect(error?.code == .failedPrecondition)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["out"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.file("out")) == ["note"])
    }

    @Test("whatever ends the work, nothing is left behind")
    func cancelled() throws {
        let options = try options(passages: 50)
        for allowed in [0, 1, 5, 40] {
            let calls = Counter()
            let job = QuantizeJob(
                options: options, isCancelled: { calls.next() > allowed }, progress: { _ in })
            let error = #expect(throws: ImpRAGError.self) { try job.run() }
            #expect(error?.code == .cancelled)
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["corpus.jsonl"])
        }
    }

    @Test("the best rows are those of the largest scores, the first of equal ones")
    func bestRows() {
        var best = BestRows(limit: 3)
        for (row, score) in [1, 5, 5, 0, 7, 5, -1].enumerated() { best.add(row, score: Float(score)) }
        #expect(best.rows == [4, 1, 2])
    }
}
