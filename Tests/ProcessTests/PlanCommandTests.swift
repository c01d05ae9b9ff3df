import Foundation
import TestSupport
import Testing

/// `imprag plan` as a process.
struct PlanCommandTests {
    private static let model = SharedData.packageRoot + "/Models/encyclopedia-tiny"

    private func json(_ arguments: [String]) throws -> [String: Any] {
        let outcome = try Imprag.run(["plan", "--model", Self.model, "--json"] + arguments)
        try #require(outcome.status == 0, "\(outcome.errors)")
        return try #require(try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    }

    @Test("passages may be written with a unit, memory with and without a space, and both say the same")
    func units() throws {
        let short = try json(["--passages", "2.5M", "--machine-memory", "16GiB"])
        let long = try json(["--passages", "2500000", "--machine-memory", "16 GiB"])
        #expect(short as NSDictionary == long as NSDictionary)
        #expect(short["passages"] as? Int == 2_500_000 && short["dimension"] as? Int == 256)
        let nodes = try #require(short["nodes"] as? [[String: Any]])
        #expect(nodes.compactMap { $0["role"] as? String } == ["shard", "coordinator", "generator"])
        for node in nodes {
            let items = try #require(node["memory"] as? [String: Int])
            #expect(items.values.reduce(0, +) == node["memory_bytes"] as? Int)
        }
        let constants = try #require(short["constants"] as? [[String: Any]])
        #expect(constants.allSatisfy { ($0["source"] as? String)?.isEmpty == false })
        #expect((short["cost_drivers"] as? [Any])?.count == 5)
    }

    @Test("people get tables, every item of memory, and with --constants what it all rests on")
    func text() throws {
        let outcome = try Imprag.run([
            "plan", "--passages", "37.5M", "--model", Self.model, "--recall", "0.95", "--qps", "50", "--constants",
        ])
        #expect(outcome.status == 0, "\(outcome.errors)")
        for words in [
            "partitions    8, of 4687500 passages", "a shard needs", "object store", "what costs", "codes and lists",
            "bf16_gflops", "Benchmarks/index/results",
        ] {
            #expect(outcome.output.contains(words), "\(words)")
        }
    }

    @Test(
        "wrong input exits with 2 and says what would be right",
        arguments: [
            (["--passages", "x"], "--passages is 'x'"), (["--passages", "0"], "--passages is '0'"),
            (["--passages", "-1M"], "--passages is '-1M'"), (["--passages", "1.5"], "a whole number from 1"),
            (["--passages", "infM"], "--passages is 'infM'"), (["--passages", "900B"], "--passages is '900B'"),
            (["--passages", "1M", "--recall", "1"], "--recall is '1'"),
            (["--passages", "1M", "--qps", "0"], "--qps is '0'"),
            (["--passages", "1M", "--machine-memory", "16"], "as in 16GiB"),
            (["--passages", "1M", "--machine-memory", "16GB"], "as in 16GiB"),
            (["--passages", "1M", "--replicas", "0"], "--replicas is '0'"),
            (["--passages", "1M", "--lexical", "dutch"], "--lexical is 'dutch'"), ([], "missing --passages N"),
        ])
    func usage(arguments: [String], words: String) throws {
        let outcome = try Imprag.run(["plan", "--model", Self.model] + arguments)
        #expect(outcome.status == 2 && outcome.errors.contains(words), "\(outcome.errors)")
    }

    @Test("a model that is not there, and a load that no machines carry, exit with 1")
    func failure() throws {
        let missing = try Imprag.run(["plan", "--model", "/nonexistent", "--passages", "1M"])
        #expect(missing.status == 1 && missing.errors.contains("not_found"))
        let beyond = try Imprag.run(["plan", "--model", Self.model, "--passages", "100B"])
        #expect(beyond.status == 1 && beyond.errors.contains("larger machines"), "\(beyond.errors)")
    }
}
