import Core
import Foundation
import Kernels
import TestSupport
import Testing

@testable import Model

/// 4-bit models as they are written, loaded and computed.
@Suite struct FourBitModelTests {
    private let source: TemporaryDirectory
    private let result: TemporaryDirectory
    private static let texts: [[Int32]] = {
        var random = SeededGenerator(seed: 8)
        return (0..<24).map { _ in
            var text: [Int32] = [0]
            for _ in 0..<30 { text.append(Int32.random(in: 2..<61, using: &random)) }
            return text
        }
    }()

    init() throws {
        source = try TemporaryDirectory()
        result = try TemporaryDirectory()
    }

    private func quantize(_ tiny: TinyModel, byTexts: Bool = false, threads: Int? = 2) throws {
        try tiny.write(to: source)
        let quantizer = try ModelQuantizer(directory: source.path, bits: 4)
        var rounded = RoundedWeights()
        if byTexts {
            let model = try LlamaModel(directory: source.path, layers: .all, threadCount: threads)
            rounded = try quantizer.rounded(with: model, readings: Self.texts.map { Reading(text: $0) }) { _ in }
        }
        try quantizer.write(to: result.path, rounded: rounded) { _ in }
    }

    private func load(_ directory: TemporaryDirectory, threads: Int = 1) throws -> LlamaModel {
        try LlamaModel(directory: directory.path, layers: .all, threadCount: threads)
    }

    private func logits(_ model: LlamaModel, _ prompt: [Int32] = [0, 9, 8, 7, 30]) throws -> [Float] {
        let state = try model.promptStates([(prompt, 1)])[0]
        return try model.continueFrom(state, passages: model.readPassages([[0, 5, 5]], encoding: .independent)).logits
    }

    private func error(_ model: LlamaModel, _ original: LlamaModel) throws -> Double {
        var sum = 0.0
        for prompt in Self.texts.prefix(8) {
            let (found, expected) = (try logits(model, prompt), try logits(original, prompt))
            for (one, other) in zip(found, expected) {
                let difference = Double(one - other)
                sum += difference * difference
            }
        }
        return sum
    }

    @Test("a 4-bit model computes nearly what the original does, tied or not", arguments: [false, true])
    func nearlyTheSame(ties: Bool) throws {
        try quantize(TinyModel(tiesEmbeddings: ties, dtype: "BF16"))
        let (model, original) = (try load(result), try load(source))
        #expect(model.compute == .int8 && !model.configuration.tiesEmbeddings)
        let (before, after) = (try logits(original), try logits(model))
        let worst = zip(before, after).map { abs($0 - $1) }.max() ?? 1
        #expect(before != after && worst < 0.8, "\(worst)")
    }

    @Test("embeddings are those of an int8 model, bit for bit", arguments: [false, true])
    func embeddings(byTexts: Bool) throws {
        let tiny = TinyModel(bottomBoundary: 2, topBoundary: 2, dtype: "BF16")
        try quantize(tiny, byTexts: byTexts)
        let eight = try TemporaryDirectory()
        try ModelQuantizer(directory: source.path).write(to: eight.path) { _ in }
        let prompts: [[Int32]] = [[0, 5, 6, 7], [0, 9]]
        #expect(try load(result).embedQueries(prompts) == load(eight).embedQueries(prompts))
        #expect(try load(result).embedPassages(prompts) == load(eight).embedPassages(prompts))
    }

    @Test("above b, attention's matrices have 8 bits and a scale for each group, and the others have 4 bits")
    func forms() throws {
        try quantize(TinyModel(bottomBoundary: 1))
        let checkpoint = try Checkpoint(directory: result.path)
        let architecture = try ModelConfiguration(directory: result.path).architecture
        for layer in 0..<architecture.layerCount {
            for part in LinearPart.allCases {
                let makesEmbeddings = layer < 1 || layer == 1 && LinearPart.together[0].contains(part)
                let above =
                    [.query, .key, .value, .output].contains(part)
                    ? WeightGrouping(bits: .eight, scalesEveryGroup: true) : PackedRows.grouping
                let form = try checkpoint.form(architecture.weight(part, layer))
                #expect(form == (makesEmbeddings ? .rows : .grouped(above)), "\(part) of layer \(layer)")
            }
        }
    }

    @Test("rounding by what layers read leaves less error than to the nearest, and the same on any number of threads")
    func roundedByTexts() throws {
        let tiny = TinyModel(layerCount: 5, topBoundary: 3, dtype: "BF16")
        try quantize(tiny)
        let original = try load(source)
        let nearest = try error(load(result), original)
        try quantize(tiny, byTexts: true, threads: 1)
        let digest = try load(result).weightsDigest()
        let informed = try error(load(result), original)
        #expect(informed < nearest, "\(informed) beside \(nearest)")
        try quantize(tiny, byTexts: true, threads: 3)
        #expect(try load(result).weightsDigest() == digest)
    }

    @Test("what is computed has the same bits alone and in a batch, on any number of threads")
    func sameBits() throws {
        try quantize(TinyModel(dtype: "BF16"))
        var prompts: [(tokens: [Int32], requestedPassages: Int)] = []
        for (index, text) in Self.texts.prefix(5).enumerated() {
            prompts.append((tokens: Array(text.prefix(4 + 5 * index)), requestedPassages: 1))
        }
        let reference = try load(result)
        let passages = try reference.readPassages([[0, 5, 5]], encoding: .independent)
        var alone: [[[Float]]] = []
        for prompt in prompts {
            let session = try reference.continueFrom(reference.promptStates([prompt])[0], passages: passages)
            var steps = [session.logits]
            for token in [Int32(7), 11, 13] {
                try session.append(token)
                steps.append(session.logits)
            }
            alone.append(steps)
        }
        for threads in [1, 2, 5] {
            let model = try load(result, threads: threads)
            let read = try model.readPassages([[0, 5, 5]], encoding: .independent)
            var sessions: [DecodingSession] = []
            for state in try model.promptStates(prompts) {
                sessions.append(try model.continueFrom(state, passages: read))
            }
            #expect(sessions.map(\.logits) == alone.map { $0[0] })
            for (step, token) in [Int32(7), 11, 13].enumerated() {
                try model.append(sessions.map { (session: $0, token: token) })
                #expect(sessions.map(\.logits) == alone.map { $0[step + 1] })
            }
        }
    }

    @Test("what it will need is known before it is loaded")
    func sizes() throws {
        try quantize(TinyModel(bottomBoundary: 2, topBoundary: 2, tiesEmbeddings: true, dtype: "BF16"))
        for layers in [LlamaModel.Layers.bottom, .all] {
            let model = try LlamaModel(directory: result.path, layers: layers)
            #expect(try LlamaModel.requiredBytes(directory: result.path, layers: layers) == model.weightBytes)
        }
    }

    @Test("the bytes written are the bytes announced, and no quantized model is quantized again")
    func announced() throws {
        try TinyModel(tiesEmbeddings: true).write(to: source)
        let quantizer = try ModelQuantizer(directory: source.path, bits: 4)
        var told: [Int] = []
        try quantizer.write(to: result.path) { told.append($0) }
        #expect(told == told.sorted() && told.last == quantizer.resultBytes.bytes)
        #expect(quantizer.resultBytes < (try ModelQuantizer(directory: source.path).resultBytes))
        for bits in [4, 8] {
            let error = #expect(throws: ImpRAGError.self) { try ModelQuantizer(directory: result.path, bits: bits) }
            #expect(error?.message.contains("4-bit model already") == true)
        }
    }

    // MARK: Other forms, and damage

    private static let matrix = "model.layers.3.mlp.up_proj.weight"
    private static let key = "model.layers.3.self_attn.k_proj.weight"

    @Test("matrices that read the same input may have 4 and 8 bits, and scales for rows, blocks or groups")
    func mixtures() throws {
        try quantize(TinyModel(dtype: "BF16"))
        let before = try logits(load(result))
        // k as int8 with one scale a row, 16 times the 4-bit numbers' precision; o's scales for every group.
        try SafeTensorsEdit.apply(to: result) { tensors in
            tensors[Self.key] = ("I8", [32, 32], Data(repeating: 3, count: 32 * 32))
            tensors[Self.key + "_scale"] = ("F32", [32], Data(repeating: 0x3C, count: 32 * 4))
            for end in ["_groups", "_minimum"] { tensors.removeValue(forKey: Self.key + end) }
        }
        let rows = try logits(load(result))
        #expect(rows != before && rows.allSatisfy(\.isFinite))
        // The same numbers with a scale for every group, of which a row of 32 columns has one.
        try SafeTensorsEdit.apply(to: result) { $0[Self.key + "_scale"]?.shape = [32, 1] }
        #expect(try logits(load(result)) == rows)
        for layers in [LlamaModel.Layers.bottom, .all] {
            let model = try LlamaModel(directory: result.path, layers: layers)
            #expect(try LlamaModel.requiredBytes(directory: result.path, layers: layers) == model.weightBytes)
        }
    }

    private func expectRefusal(naming words: String...) {
        for layers in [LlamaModel.Layers.all, .bottom] {
            let error = #expect(throws: ImpRAGError.self) { try LlamaModel(directory: result.path, layers: layers) }
            #expect(error?.code == .invalidArgument)
            for word in words { #expect(error?.message.contains(word) == true, "\(String(describing: error))") }
        }
    }

    @Test(
        "a part of a matrix that is missing, of another shape or of another dtype is named, by every role",
        arguments: ["", "_groups", "_scale", "_minimum"])
    func parts(end: String) throws {
        let name = Self.matrix + end
        try quantize(TinyModel())
        try SafeTensorsEdit.apply(to: result) { $0.removeValue(forKey: name) }
        expectRefusal(naming: name, "missing")
        try quantize(TinyModel())
        try SafeTensorsEdit.apply(to: result) { $0[name]?.shape.append(1) }
        expectRefusal(naming: name, "1]")
        try quantize(TinyModel())
        try SafeTensorsEdit.apply(to: result) { tensors in
            guard let tensor = tensors[name] else { return }
            let count = tensor.shape.reduce(1, *)
            tensors[name] = ("BF16", tensor.shape, Data(count: 2 * count))
        }
        // Numbers of another dtype also have another shape.
        expectRefusal(naming: name, end.isEmpty ? "[48, 16]" : "BF16")
    }

    @Test("scales and minimums that are no numbers are named", arguments: ["_scale", "_minimum"])
    func values(end: String) throws {
        try quantize(TinyModel(bottomBoundary: 0))
        let name = "model.layers.0.mlp.up_proj.weight" + end
        try SafeTensorsEdit.apply(to: result) { $0[name]?.bytes.replaceSubrange(8..<12, with: [0, 0, 0xC0, 0x7F]) }
        let error = #expect(throws: ImpRAGError.self) { try load(result) }
        #expect(error?.message.contains(name) == true && error?.message.contains("row 2") == true)
    }

    @Test("settings that do not say what the weights are, and 4-bit embeddings and norms, are refused")
    func contradictions() throws {
        try quantize(TinyModel())
        var settings = TinyModel().configuration
        settings["quantization_config"] = ["quant_method": "imprag", "bits": 8]
        try writeConfiguration(settings, to: result)
        expectRefusal(naming: "U8", "8 bits")
        settings["quantization_config"] = nil
        try writeConfiguration(settings, to: result)
        expectRefusal(naming: "quantization_config")
        settings["quantization_config"] = ["quant_method": "imprag", "bits": 3]
        try writeConfiguration(settings, to: result)
        expectRefusal(naming: "quantization_config", "imprag quantize")
        for (name, shape) in [("model.embed_tokens.weight", [61, 32]), ("model.norm.weight", [32])] {
            try quantize(TinyModel())
            try SafeTensorsEdit.apply(to: result) { $0[name] = ("U8", shape, Data(count: shape.reduce(1, *))) }
            expectRefusal(naming: name, "U8")
        }
    }
}
