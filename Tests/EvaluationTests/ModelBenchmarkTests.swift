import Core
import Evaluation
import Model
import TestSupport
import Testing

/// Figures of a small model, whose weights stay in a cache: the hardest case for limits that are measured.
struct ModelBenchmarkTests {
    @Test("no figure is more than what the machine can do", arguments: [Compute.bf16, .f32])
    func shares(compute: Compute) throws {
        let model = try LlamaModel(
            directory: SharedData.packageRoot + "/Models/encyclopedia-tiny", layers: .all, compute: compute,
            threadCount: 2)
        var bench = ModelBenchmark(model, threads: 2, repeats: 3)
        let figures = [
            try bench.prefill(tokens: 200), try bench.decode(tokens: 16, answers: 1),
            try bench.decode(tokens: 16, answers: 8), try bench.embed(lengths: [10, 20, 130, 40]),
        ]
        #expect(figures.map(\.name) == ["prefill", "decode", "decode", "embed"])
        for figure in figures {
            let shares = bench.shares(figure)
            #expect(shares.products > 0 && shares.products <= 1.05, "\(figure.name): \(shares.products) of products")
            #expect(shares.memory <= 1.05, "\(figure.name): \(shares.memory) of the memory's speed")
        }
    }
}
