import Core
import Foundation
import TestSupport
import Testing

@testable import Model

/// Numbers that are not finite are refused where they come from: weights, embeddings, logits.
@Suite struct FiniteNumbersTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func write(_ tiny: TinyModel, _ changing: (String, inout [Float]) -> Void) throws {
        try tiny.write(to: directory, changing: changing)
        try TinyTokenizer().write(to: directory)
    }

    private func load(_ layers: LlamaModel.Layers = .all) throws -> ImpRAGModel {
        try ImpRAGModel(directory: directory.path, layers: layers, threadCount: 1)
    }

    @Test("a weight that is not finite is named with file, tensor and row, by every role", arguments: ["F32", "BF16"])
    func weights(dtype: String) throws {
        let tiny = TinyModel(vocabularySize: 300, dtype: dtype)
        for (name, value) in [
            ("model.layers.3.mlp.down_proj.weight", Float.nan), ("model.embed_tokens.weight", .infinity),
            ("model.norm.weight", -.infinity),
        ] {
            // Of rows of 48, of 32 and of 1.
            let (place, row) = name.contains("norm") ? (7, 7) : (55, 1)
            try write(tiny) { if $0 == name { $1[place] = value } }
            for layers in [LlamaModel.Layers.all, .bottom] {
                let error = #expect(throws: ImpRAGError.self) { try load(layers) }
                for word in ["model.safetensors", name, "not finite", "row \(row)"] {
                    #expect(error?.message.contains(word) == true, "\(String(describing: error))")
                }
            }
        }
    }

    @Test("a digest is kept only of weights that are all finite")
    func keptDigest() throws {
        try write(TinyModel()) { if $0 == "model.norm.weight" { $1[0] = .nan } }
        let checkpoint = try Checkpoint(directory: directory.path)
        #expect(throws: ImpRAGError.self) { try checkpoint.digest(tied: false, keptFrom: 0) }
        #expect(!FileManager.default.fileExists(atPath: directory.file(DigestFile.name)))
        try TinyModel().write(to: directory)
        _ = try Checkpoint(directory: directory.path).digest(tied: false, keptFrom: 0)
        #expect(FileManager.default.fileExists(atPath: directory.file(DigestFile.name)))
    }

    @Test("an embedding with which scores overflow is refused with the passage's id, and so is a prompt")
    func embeddings() throws {
        let tiny = TinyModel(vocabularySize: 300)
        try write(tiny) { name, numbers in
            guard name == "model.layers.1.self_attn.k_proj.weight" || name == "model.layers.1.self_attn.q_proj.weight"
            else { return }
            for index in numbers.indices { numbers[index] *= 1e25 }
        }
        let model = try load()
        let passage = Passage(id: "p-17", title: "", text: "Lima")
        let refused = #expect(throws: ImpRAGError.self) { try model.embed(passages: [passage]) }
        #expect(refused?.message.contains("\"p-17\"") == true && refused?.message.contains("model") == true)
        let query = #expect(throws: ImpRAGError.self) { try model.embed(queries: ["hello"]) }
        #expect(query?.message.contains("query 0") == true)
        #expect(throws: ImpRAGError.self) { try model.promptStates([PromptRequest(tokens: [0, 5], k: 0)]) }
        let coder = try StateCoder(model.model, codec: .bf16)
        let read = #expect(throws: ImpRAGError.self) { try model.read([passage], coder: coder) { _, _ in } }
        #expect(read?.message.contains("\"p-17\"") == true)
    }

    @Test("logits that overflow end their request with an error that blames the model", arguments: [0.0, 1.0])
    func logits(temperature: Double) throws {
        let tiny = TinyModel(vocabularySize: 300)
        try write(tiny) { name, numbers in
            guard name == "model.layers.3.mlp.down_proj.weight" else { return }
            for index in numbers.indices { numbers[index] *= 3e38 }
        }
        let model = try load()
        let state = try model.promptStates([PromptRequest(tokens: [0, 5, 9], k: 0)])[0]
        let answer = try model.answer(
            from: state, passages: [], encoding: .independent,
            sampling: Sampling(SamplingOptions(temperature: temperature, seed: 1), maxTokens: 4))
        let error = #expect(throws: ImpRAGError.self) { try answer.next() }
        #expect(error?.code == .failedPrecondition && error?.message.contains("model") == true)
        #expect(throws: ImpRAGError.self) {
            try model.score(prompt: "a", passages: [], k: 0, encoding: .independent, completion: "bc")
        }
    }

    @Test("prompt states that overflow are refused before anybody continues from them")
    func promptStates() throws {
        try write(TinyModel(vocabularySize: 300)) { name, numbers in
            guard name == "model.layers.0.mlp.down_proj.weight" else { return }
            for index in numbers.indices { numbers[index] *= 3e38 }
        }
        let error = #expect(throws: ImpRAGError.self) {
            try load().promptStates([PromptRequest(tokens: [0, 5, 9], k: 0)])
        }
        #expect(error?.code == .failedPrecondition && error?.message.contains("model") == true)
    }
}
