import Core
import Foundation
import TestSupport
import Testing

@testable import Evaluation

/// What plans predict, beside the committed benchmark results that they rest on.
@Suite struct PlanAgreementTests {
    private struct IndexRun: Decodable {
        struct Point: Decodable {
            let target: Double?
            let batch_qps: Double
        }

        let rows: Int
        let dimension: Int
        let partitions: Int
        let threads: Int
        let build_seconds: Double
        let resident_bytes_per_vector: Double
        let points: [Point]
    }

    private struct IndexResult: Decodable { let imprag: [IndexRun] }

    private struct ModelRun: Decodable {
        let figure: String
        let compute: String
        let tokens: Int?
        let gflops: Double?
    }

    private struct ModelResult: Decodable {
        let threads: Int
        let imprag: [ModelRun]
    }

    static let indexes = [
        "attention-200k", "keystates", "growth/attention-200k", "growth/attention-1m", "growth/attention-5m",
    ]

    private func runs(_ name: String) throws -> [IndexRun] {
        let path = "\(SharedData.packageRoot)/Benchmarks/index/results/\(name).json"
        let result = try JSONDecoder().decode(IndexResult.self, from: Data(contentsOf: URL(filePath: path)))
        try #require(!result.imprag.isEmpty)
        return result.imprag
    }

    @Test("memory of codes, lists and tables is within 2 % of what was measured", arguments: indexes)
    func memory(name: String) throws {
        for run in try runs(name) {
            let rows = run.rows / run.partitions
            let items = PlannedNode.shardMemory(
                rows: rows, dimension: run.dimension, partitions: run.partitions, hasWords: false)
            let counted = items.filter { ["codes and lists", "tables"].contains($0.what) }
            #expect(counted.count == 2)
            let planned = Double(counted.reduce(0) { $0 + $1.size.bytes }) / Double(run.rows)
            #expect((0.98...1.02).contains(planned / run.resident_bytes_per_vector), "\(name): \(planned)")
        }
    }

    @Test("building takes between 0.7 and 1.45 times what is planned", arguments: indexes)
    func build(name: String) throws {
        for run in try runs(name) {
            let planned = BuildEstimate(
                rows: run.rows, dimension: run.dimension, partitions: run.partitions, cores: run.threads,
                hasWords: false
            ).seconds
            #expect((0.7...1.45).contains(planned / run.build_seconds), "\(name): \(planned) of \(run.build_seconds)")
        }
    }

    @Test(
        "a search costs between 0.7 and 1.4 times what is planned, at recall 0.99 up to 2.5 times", arguments: indexes)
    func search(name: String) throws {
        for run in try runs(name) {
            for point in run.points {
                guard let target = point.target, [0.8, 0.9, 0.95, 0.98, 0.99].contains(target) else { continue }
                let each = SearchEstimate(rows: run.rows / run.partitions, dimension: run.dimension, recall: target)
                let share = Double(run.partitions) * each.seconds * point.batch_qps / Double(run.threads)
                // The last percent hangs on a few queries that point nowhere.
                let bounds = target < 0.99 ? 0.7...1.4 : 0.4...1.45
                #expect(bounds.contains(share), "\(name) at \(target): \(share)")
            }
        }
    }

    @Test(
        "the model's rate is within 15 % of long prompts and embeddings, in bf16 and int8",
        arguments: ["llama-3.2-1b", "llama-3.2-3b", "llama-3.2-1b-int8"])
    func rate(name: String) throws {
        let path = "\(SharedData.packageRoot)/Benchmarks/inference/results/\(name).json"
        let result = try JSONDecoder().decode(ModelResult.self, from: Data(contentsOf: URL(filePath: path)))
        var compared = 0
        for run in result.imprag where ["prefill", "embed"].contains(run.figure) {
            guard let gflops = run.gflops, let tokens = run.tokens, tokens >= 512 else { continue }
            let constant = run.compute == "int8" ? PlanConstants.int8Rate : PlanConstants.bf16Rate
            let share = gflops / Double(result.threads) / constant.value
            #expect((0.85...1.15).contains(share), "\(run.figure) \(run.compute): \(share)")
            compared += 1
        }
        #expect(compared >= 3)
    }
}
