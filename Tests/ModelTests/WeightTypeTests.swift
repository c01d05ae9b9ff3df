import Core
import Foundation
import Kernels
import Model
import TestSupport
import Testing

/// The same numbers mean the same model, however they are stored.
@Suite struct WeightTypeTests {
    private func load(_ dtype: String, compute: Compute?) throws -> LlamaModel {
        let directory = try TemporaryDirectory()
        // bf16 numbers of this size fit float16 exactly, but for their smallest.
        var tiny = TinyModel(dtype: dtype)
        tiny.seed = 77
        try tiny.write(to: directory)
        return try LlamaModel(directory: directory.path, layers: .all, compute: compute, threadCount: 1)
    }

    private func logits(_ model: LlamaModel) throws -> [Float] {
        let state = try model.promptStates([([0, 9, 8, 7, 30], 1)])[0]
        return try model.continueFrom(state, passages: model.readPassages([[0, 5, 5]], encoding: .independent)).logits
    }

    @Test("bf16 weights compute in bf16, float16 and float32 ones in float32, unless told otherwise")
    func defaults() throws {
        #expect(try load("BF16", compute: nil).compute == .bf16)
        #expect(try load("F16", compute: nil).compute == .f32)
        #expect(try load("F32", compute: nil).compute == .f32)
        #expect(try load("F32", compute: .bf16).compute == .bf16)
    }

    @Test("the same numbers as bf16 and as float16, widened, give almost the same logits")
    func halfPrecision() throws {
        let brain = try logits(load("BF16", compute: .f32))
        let half = try logits(load("F16", compute: .f32))
        let worst = zip(brain, half).map { abs($0 - $1) }.max() ?? 1
        #expect(worst < 1e-3)
        #expect(brain.contains { abs($0) > 0.1 })
    }

    @Test("bf16 arithmetic stays near float32's")
    func brainFloat() throws {
        let wide = try logits(load("BF16", compute: .f32))
        let narrow = try logits(load("BF16", compute: .bf16))
        #expect(wide != narrow)
        let worst = zip(wide, narrow).map { abs($0 - $1) }.max() ?? 1
        #expect(worst < 0.1)
    }

    @Test("the digest is of the tensors: not of files, order or layers loaded, but of every bit")
    func digest() throws {
        let directory = try TemporaryDirectory()
        try TinyModel().write(to: directory)
        let whole = try LlamaModel(directory: directory.path, layers: .all).weightsDigest()
        #expect(whole.count == 32)
        #expect(try LlamaModel(directory: directory.path, layers: .bottom).weightsDigest() == whole)

        let path = URL(filePath: directory.file("model.safetensors"))
        let bytes = try Data(contentsOf: path)
        var flipped = bytes
        flipped[bytes.count - 1] ^= 1
        try flipped.write(to: path)
        #expect(try LlamaModel(directory: directory.path, layers: .all).weightsDigest() != whole)

        // Padding in the header moves the tensors to odd addresses and changes nothing.
        let length = bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        let header = bytes.dropFirst(8).prefix(length) + Data(" ".utf8)
        try safeTensors(header, bytes.dropFirst(8 + length)).write(to: path)
        let moved = try LlamaModel(directory: directory.path, layers: .all)
        #expect(try moved.weightsDigest() == whole)
        #expect(try logits(moved).allSatisfy(\.isFinite))
    }

    @Test("a model says which kernels it runs on and how much it keeps in memory")
    func description() throws {
        let model = try load("F32", compute: nil)
        #expect(model.kernels == "f32, \(KernelLevel.description), 1 threads")
        // Matrices are padded to whole cache lines and panels; the embedding table lies as it is.
        let bytes = TinyModel().shapes.reduce(0) { sum, tensor in
            let (name, shape) = tensor
            guard shape.count == 2, !name.contains("embed_tokens") else { return sum + 4 * shape.reduce(1, *) }
            return sum + 4 * shape.map { ($0 + 63) / 64 * 64 }.reduce(1, *)
        }
        #expect(model.weightBytes == ByteCount(bytes))
        #expect(throws: ImpRAGError.self) { try LlamaModel(directory: "absent", layers: .all, threadCount: 0) }
    }

    @Test("what a model will need is known before it is loaded", arguments: [false, true])
    func requiredBytes(ties: Bool) throws {
        for dtype in ["F32", "BF16"] {
            let directory = try TemporaryDirectory()
            try TinyModel(bottomBoundary: 2, topBoundary: 2, tiesEmbeddings: ties, dtype: dtype).write(to: directory)
            for layers in [LlamaModel.Layers.bottom, .all] {
                for compute in [nil, Compute.f32, .bf16] {
                    let model = try LlamaModel(directory: directory.path, layers: layers, compute: compute)
                    let expected = try LlamaModel.requiredBytes(
                        directory: directory.path, layers: layers, compute: compute)
                    #expect(model.weightBytes == expected)
                }
            }
        }
    }

    @Test("a session's caches have pages of 32 tokens of all layers", arguments: [Compute.f32, .bf16])
    func cacheBytes(compute: Compute) throws {
        let model = try load("BF16", compute: compute)
        let state = try model.promptStates([([0, 9, 8, 7, 30], 0)])[0]
        let session = try model.begin(state, passages: model.readPassages([], encoding: .independent))
        let page = 4 * 32 * 2 * 32 * (compute == .f32 ? 4 : 2)
        #expect([0, 1, 32, 33, 64].map { session.cacheBytes(tokens: $0) } == [0, page, page, 2 * page, 2 * page])
        #expect(session.cacheBytes == 0)
        while session.readAhead(tokenLimit: .max) {}
        #expect(session.cacheBytes == page)
        for _ in 0..<28 { try session.append(3) }
        #expect(session.tokenCount == 33 && session.cacheBytes == 2 * page)
        session.suspend()
        #expect(session.cacheBytes == 0 && session.pendingTokens == 33)
    }
}
