import Core
import TestSupport
import Testing

@testable import Model

@Suite struct StateCodebooksTests {
    private func load(headSize: Int = 16, keyHeadCount: Int = 2) throws -> LlamaModel {
        let directory = try TemporaryDirectory()
        try TinyModel(keyHeadCount: keyHeadCount, headSize: headSize, maxPassageTokens: 64).write(to: directory)
        return try LlamaModel(directory: directory.path, layers: .all, compute: .bf16, threadCount: 1)
    }

    private func states(_ model: LlamaModel) throws -> [EncodedPassage] {
        var random = SeededGenerator(seed: 3)
        let passages = (0..<8).map { _ in [0] + (1..<64).map { _ in Int32.random(in: 2..<61, using: &random) } }
        let reading = try PassageReading(model, passages, encoding: .independent)
        while reading.advance(tokenLimit: .max) {}
        return reading.encoded
    }

    @Test("the same seed gives the same codebooks")
    func seeded() throws {
        let model = try load()
        let states = try states(model)
        let books = try StateCodebooks.train(model, on: states, seed: 1)
        #expect(try StateCodebooks.train(model, on: states, seed: 1).bytes == books.bytes)
        #expect(try StateCodebooks.train(model, on: states, seed: 2).bytes != books.bytes)
    }

    @Test("states of one training are not decoded with another")
    func otherTraining() throws {
        let model = try load()
        let states = try states(model)
        let coders = try (1...2).map {
            try StateCoder(model, codec: .pq, codebooks: StateCodebooks.train(model, on: states, seed: $0))
        }
        let error = #expect(throws: ImpRAGError.self) { try coders[1].decode(coders[0].encode(states[0])) }
        #expect(error?.code == .dataLoss)
    }

    @Test("codebooks that are missing, cut short, not finite or another model's are refused")
    func refused() throws {
        let model = try load()
        let bytes = try StateCodebooks.train(model, on: states(model), seed: 1).bytes
        for count in [0, 3, 4, 8, 15, 16, 100, bytes.count - 1] {
            let cut = Array(bytes.prefix(count))
            #expect(throws: ImpRAGError.self) { try StateCodebooks(bytes: cut, model: model) }
        }
        #expect(throws: ImpRAGError.self) { try StateCodebooks(bytes: bytes + [0], model: model) }
        var endless = bytes
        endless.replaceSubrange(16..<20, with: [0, 0, 0x80, 0x7F])
        #expect(throws: ImpRAGError.self) { try StateCodebooks(bytes: endless, model: model) }
        let other = try load(keyHeadCount: 4)
        let error = #expect(throws: ImpRAGError.self) { try StateCodebooks(bytes: bytes, model: other) }
        #expect(error?.code == .invalidArgument)
        #expect(throws: ImpRAGError.self) { try StateCoder(model, codec: .pq) }
        #expect(throws: ImpRAGError.self) {
            try StateCoder(other, codec: .pq, codebooks: StateCodebooks(bytes: bytes, model: model))
        }
    }

    @Test("a head size that is no multiple of 4, and no passages, are refused")
    func untrainable() throws {
        let odd = try load(headSize: 18)
        let error = #expect(throws: ImpRAGError.self) {
            try StateCodebooks.train(odd, on: states(odd), seed: 1)
        }
        #expect(error?.code == .invalidArgument)
        let model = try load()
        #expect(throws: ImpRAGError.self) { try StateCodebooks.train(model, on: [], seed: 1) }
    }
}
