import Core
import Evaluation
import Model
import TestSupport
import Testing

struct HandoverBenchmarkTests {
    @Test("a prompt's figure has the bytes of its state, and times")
    func figure() async throws {
        let model = try LlamaModel(
            directory: SharedData.packageRoot + "/Models/encyclopedia-tiny", layers: .bottom, compute: .bf16,
            threadCount: 1)
        let shape = model.configuration
        let figure = try await HandoverBenchmark(model, repeats: 1).measure(tokens: 17)
        #expect(figure.tokens == 17)
        // Hidden states are float32; keys and values are bfloat16.
        #expect(
            figure.bytes
                == 17 * (4 * shape.hiddenSize + 2 * 2 * shape.bottomBoundary * shape.embeddingDimension))
        #expect(figure.handoverSeconds > 0)
        #expect(figure.recomputeSeconds > 0)
    }
}
