import Foundation
import TestSupport
import Testing

/// The model of `make demo` in a whole cluster, on questions that Wikipedia's lead sections answer.
struct WikipediaTests {
    /// Where `Models/wiki-135m/fetch.py` puts what it fetches.
    private static let cache: String = {
        let environment = ProcessInfo.processInfo.environment
        if let cache = environment["IMPRAG_CACHE"] { return cache }
        return (environment["XDG_CACHE_HOME"] ?? (environment["HOME"] ?? "") + "/.cache") + "/imprag"
    }()
    private static let model = cache + "/wiki-135m"
    private static let articles = cache + "/wiki-en.jsonl"
    private static let questions = SharedData.packageRoot + "/Models/wiki-135m/questions.jsonl"

    private static var isThere: Bool {
        [model + "/config.json", articles].allSatisfy { FileManager.default.fileExists(atPath: $0) }
    }

    /// A line of the questions: as `imprag eval` reads it, and more.
    private struct Question: Decodable {
        /// Of the article that answers it.
        let title: String
        /// On the first line: how many must be answered right.
        let leastRight: Int?
    }

    private struct Article: Decodable {
        let title: String
    }

    private static func lines<Value: Decodable>(of path: String, as type: Value.Type) throws -> [(line: Data, Value)] {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try Data(contentsOf: URL(filePath: path)).split(separator: 0x0A).map {
            (Data($0), try decoder.decode(type, from: Data($0)))
        }
    }

    @Test(
        "the shipped model answers as many of its ten questions as its card says, among 200 articles and more",
        .enabled(if: isThere, "needs the model and the articles, which `make model wiki-corpus` fetches"),
        .timeLimit(.minutes(10)))
    func answers() throws {
        let questions = try Self.lines(of: Self.questions, as: Question.self).map(\.1)
        let leastRight = try #require(questions.first?.leastRight)
        let titles = Set(questions.map(\.title))
        let articles = try Self.lines(of: Self.articles, as: Article.self)
        #expect(titles.isSubset(of: articles.map(\.1.title)))

        let directory = try TemporaryDirectory()
        let chosen = articles.enumerated().filter { $0.offset % 50 == 0 || titles.contains($0.element.1.title) }
        try Data(chosen.map(\.element.line).joined(separator: [0x0A])).write(
            to: URL(filePath: directory.file("corpus.jsonl")))
        let index = directory.file("index")
        let indexed = try Imprag.run(
            ["index", "--model", Self.model, "--corpus", directory.file("corpus.jsonl"), "--out", index], seconds: 400)
        try #require(indexed.status == 0, "\(indexed.errors)")

        let cluster = try RunningCluster(model: Self.model, index: index, socket: directory.file("c"))
        let measured = try cluster.run(
            [
                "eval", "--questions", Self.questions, "--words", "fuse", "--json", "--details",
                directory.file("details.jsonl"),
            ],
            seconds: 200)
        try #require(measured.status == 0, "\(measured.errors)")
        struct Result: Decodable {
            let questions: Int
            let exactMatch: Double
        }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let result = try decoder.decode(Result.self, from: Data(measured.output.utf8))
        #expect(result.questions == questions.count && questions.count == 10)
        let right = Int((result.exactMatch * Double(result.questions)).rounded())
        let details = try String(contentsOfFile: directory.file("details.jsonl"), encoding: .utf8)
        #expect(right >= leastRight, "\(right) of \(questions.count) are right:\n\(details)")
    }
}
