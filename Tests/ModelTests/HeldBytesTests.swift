import Core
import Foundation
import TestSupport
import Testing

@testable import Model

@Suite struct HeldBytesTests {
    private static let model = SharedData.packageRoot + "/Models/encyclopedia-tiny"

    /// The model with a tokenizer in which token `byte` is the byte token of "A".
    private func directory(in temporary: TemporaryDirectory, byte: Int32, vocabularySize: Int) throws -> String {
        let path = temporary.file("model")
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        for name in ["config.json", "model.safetensors"] {
            try FileManager.default.copyItem(atPath: Self.model + "/" + name, toPath: path + "/" + name)
        }
        let vocabulary = Dictionary(
            uniqueKeysWithValues: (0..<vocabularySize).map { ($0 == byte ? "<0x41>" : "t\($0) ", $0) })
        let tokenizer: [String: Any] = [
            "model": ["type": "BPE", "vocab": vocabulary, "merges": [String](), "byte_fallback": true],
            "decoder": ["type": "Sequence", "decoders": [["type": "ByteFallback"], ["type": "Fuse"]]],
        ]
        try JSONSerialization.data(withJSONObject: tokenizer).write(to: URL(filePath: path + "/tokenizer.json"))
        return path
    }

    private func answer(_ model: ImpRAGModel, _ tokens: [Int32], stop: [String]) throws -> (ids: [Int32], text: String)
    {
        let state = try #require(try model.promptStates([PromptRequest(tokens: tokens, k: 0)]).first)
        let stream = try model.answer(
            from: state, passages: [], encoding: .independent,
            sampling: Sampling(SamplingOptions(stop: stop), maxTokens: 3))
        var ids: [Int32] = []
        var text = ""
        while let step = try stream.next() {
            if let token = step.token { ids.append(token) }
            text += step.text
        }
        return (ids, text)
    }

    @Test("a stop string in byte tokens ends the answer at once, not when another token has come")
    func stopInByteTokens() throws {
        let plain = try ImpRAGModel(directory: Self.model, layers: .all)
        let tokens = try plain.promptTokens("The country Peru")
        let first = try #require(try answer(plain, tokens, stop: []).ids.first)
        let temporary = try TemporaryDirectory()
        let path = try directory(
            in: temporary, byte: first, vocabularySize: plain.configuration.vocabularySize)
        let model = try ImpRAGModel(directory: path, layers: .all)
        let whole = try answer(model, tokens, stop: [])
        #expect(whole.text.hasPrefix("A"))
        #expect(whole.ids.count > 1)
        let stopped = try answer(model, tokens, stop: ["A"])
        #expect(stopped.ids == [first])
        #expect(stopped.text == "")
    }
}
