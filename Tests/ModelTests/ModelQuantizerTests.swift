import Core
import Foundation
import TestSupport
import Testing

@testable import Model

/// int8 models as they are written and loaded: what stays, what changes, what is refused.
@Suite struct ModelQuantizerTests {
    private let source: TemporaryDirectory
    private let result: TemporaryDirectory

    init() throws {
        source = try TemporaryDirectory()
        result = try TemporaryDirectory()
    }

    private func quantize(_ tiny: TinyModel) throws {
        try tiny.write(to: source)
        try ModelQuantizer(directory: source.path).write(to: result.path) { _ in }
    }

    private func logits(_ directory: TemporaryDirectory) throws -> [Float] {
        let model = try LlamaModel(directory: directory.path, layers: .all, threadCount: 1)
        let state = try model.promptStates([([0, 9, 8, 7, 30], 1)])[0]
        return try model.continueFrom(state, passages: model.readPassages([[0, 5, 5]], encoding: .independent)).logits
    }

    private func settings(_ directory: TemporaryDirectory) throws -> [String: Any] {
        let data = try Data(contentsOf: URL(filePath: directory.file("config.json")))
        return try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    @Test("rows become their largest magnitude over 127, and numbers no farther than half a step")
    func rows() throws {
        var random = SeededGenerator(seed: 3)
        let values =
            (0..<5 * 33).map { _ in Float.random(in: -3...3, using: &random) } + [Float](repeating: 0, count: 33)
        let rows = try #require(QuantizedRows(values, width: 33))
        #expect(rows.scales.count == 6 && rows.bytes.count == values.count)
        #expect(rows.scales[5] == 0 && rows.bytes.suffix(33).allSatisfy { $0 == 0 })
        for (row, scale) in rows.scales.enumerated() {
            let numbers = rows.bytes[row * 33..<(row + 1) * 33].map { Int(Int8(bitPattern: $0)) }
            let weights = values[row * 33..<(row + 1) * 33]
            #expect(row == 5 || numbers.map(abs).max() == 127)
            #expect(zip(numbers, weights).allSatisfy { abs(Float($0) * scale - $1) <= 0.5001 * scale })
        }
    }

    @Test("groups of columns have a scale each, also the last of a row, which has fewer")
    func groups() throws {
        var random = SeededGenerator(seed: 5)
        let values = (0..<2 * 40).map { _ in Float.random(in: -3...3, using: &random) }
        let rows = try #require(QuantizedRows(values, width: 40, groupColumns: 32))
        #expect(rows.scales.count == 4 && rows.bytes.count == 80)
        for (group, scale) in zip([0..<32, 32..<40, 40..<72, 72..<80], rows.scales) {
            let numbers = rows.bytes[group].map { Int(Int8(bitPattern: $0)) }
            #expect(numbers.map(abs).max() == 127)
            #expect(zip(numbers, values[group]).allSatisfy { abs(Float($0) * scale - $1) <= 0.5001 * scale })
        }
        #expect(QuantizedRows(values + [.nan] + values.dropFirst(41), width: 40, groupColumns: 32) == nil)
    }

    @Test("rows of extreme numbers stay within their range, and what is not finite is no weight")
    func extremes() {
        let largest = Float.greatestFiniteMagnitude
        #expect(QuantizedRows([largest, -largest, 0], width: 3)?.bytes == [127, 129, 0])
        #expect(QuantizedRows([.leastNonzeroMagnitude, 0], width: 2)?.scales == [0])
        #expect(QuantizedRows([1, .nan], width: 2) == nil)
        #expect(QuantizedRows([.nan, 1], width: 2) == nil)
        #expect(QuantizedRows([1, -.infinity], width: 2) == nil)
    }

    @Test("an int8 model computes nearly what the original does, tied or not", arguments: [false, true])
    func nearlyTheSame(ties: Bool) throws {
        try quantize(TinyModel(tiesEmbeddings: ties, dtype: "BF16"))
        let model = try LlamaModel(directory: result.path, layers: .all)
        #expect(model.compute == .int8)
        #expect(!model.configuration.tiesEmbeddings)
        let (before, after) = (try logits(source), try logits(result))
        let worst = zip(before, after).map { abs($0 - $1) }.max() ?? 1
        #expect(before != after && worst < 0.3, "\(worst)")
    }

    @Test("what the int8 model will need is known before it is loaded, and it is another model than the original")
    func sizes() throws {
        try quantize(TinyModel(bottomBoundary: 2, topBoundary: 2, tiesEmbeddings: true, dtype: "BF16"))
        for layers in [LlamaModel.Layers.bottom, .all] {
            let model = try LlamaModel(directory: result.path, layers: layers)
            #expect(try LlamaModel.requiredBytes(directory: result.path, layers: layers) == model.weightBytes)
            let original = try LlamaModel(directory: source.path, layers: layers)
            #expect(try model.weightsDigest() != original.weightsDigest())
        }
    }

    @Test("settings stay but for two, and the bytes written are the bytes announced")
    func settingsStay() throws {
        try TinyModel(tiesEmbeddings: true).write(to: source)
        let quantizer = try ModelQuantizer(directory: source.path)
        var told: [Int] = []
        try quantizer.write(to: result.path) { told.append($0) }
        #expect(told == told.sorted() && told.last == quantizer.resultBytes.bytes)
        #expect(quantizer.resultBytes < quantizer.sourceBytes)
        var (before, after) = (try settings(source), try settings(result))
        #expect(after["tie_word_embeddings"] as? Bool == false)
        #expect((after["quantization_config"] as? [String: Any])?["quant_method"] as? String == "imprag")
        for key in ["tie_word_embeddings", "quantization_config"] {
            before.removeValue(forKey: key)
            after.removeValue(forKey: key)
        }
        #expect(NSDictionary(dictionary: before) == NSDictionary(dictionary: after))
    }

    @Test("a model in several files stays in several, with an index")
    func shards() throws {
        let tiny = TinyModel(tiesEmbeddings: true)
        try tiny.write(to: source)
        let single = source.file("model.safetensors")
        try ModelQuantizer(directory: source.path).write(to: result.path) { _ in }
        let whole = try LlamaModel(directory: result.path, layers: .all).weightsDigest()

        try FileManager.default.moveItem(atPath: single, toPath: source.file("part.safetensors"))
        let map = Dictionary(uniqueKeysWithValues: tiny.shapes.map { ($0.name, "part.safetensors") })
        try JSONSerialization.data(withJSONObject: ["weight_map": map])
            .write(to: URL(filePath: source.file("model.safetensors.index.json")))
        let sharded = try TemporaryDirectory()
        try ModelQuantizer(directory: source.path).write(to: sharded.path) { _ in }
        #expect(FileManager.default.fileExists(atPath: sharded.file("part.safetensors")))
        #expect(!FileManager.default.fileExists(atPath: sharded.file("model.safetensors")))
        #expect(try LlamaModel(directory: sharded.path, layers: .all).weightsDigest() == whole)
    }

    @Test("an int8 model is not made of an int8 model, nor of weights that are not finite or not there")
    func refusals() throws {
        try quantize(TinyModel())
        let again = #expect(throws: ImpRAGError.self) { try ModelQuantizer(directory: result.path) }
        #expect(again?.message.contains("int8 model already") == true)

        let path = URL(filePath: source.file("model.safetensors"))
        var bytes = try Data(contentsOf: path)
        // The output layer is the last tensor.
        bytes.replaceSubrange(bytes.count - 4..<bytes.count, with: [0, 0, 0xC0, 0x7F])
        try bytes.write(to: path)
        let infinite = #expect(throws: ImpRAGError.self) {
            try ModelQuantizer(directory: source.path).write(to: result.path) { _ in }
        }
        #expect(infinite?.message.contains("lm_head.weight") == true)

        var settings = TinyModel().configuration
        settings["num_hidden_layers"] = 5
        try writeConfiguration(settings, to: source)
        let missing = #expect(throws: ImpRAGError.self) { try ModelQuantizer(directory: source.path) }
        #expect(missing?.message.contains("model.layers.4.") == true)
    }

    // MARK: Damaged int8 models

    /// Changes the int8 model's file.
    private func damage(_ change: (inout SafeTensorsEdit.Tensors) -> Void) throws {
        try SafeTensorsEdit.apply(to: result, change)
    }

    private func expectRefusal(naming words: String..., layers: [LlamaModel.Layers] = [.all, .bottom]) {
        for layers in layers {
            let error = #expect(throws: ImpRAGError.self) { try LlamaModel(directory: result.path, layers: layers) }
            #expect(error?.code == .invalidArgument)
            for word in words { #expect(error?.message.contains(word) == true, "\(String(describing: error))") }
        }
    }

    private static let matrix = "model.layers.3.mlp.up_proj.weight"

    @Test("a scale that is missing, of another shape or of another dtype is named, by every role")
    func scales() throws {
        let name = Self.matrix + "_scale"
        try quantize(TinyModel())
        try damage { $0.removeValue(forKey: name) }
        expectRefusal(naming: name, "missing", "[48]")
        try quantize(TinyModel())
        try damage { $0[name]?.shape = [1, 48] }
        expectRefusal(naming: name, "[1, 48]")
        try quantize(TinyModel())
        try damage { $0[name] = ("BF16", [48], Data(count: 96)) }
        expectRefusal(naming: name, "BF16", "F32")
    }

    @Test("a scale that is no number, infinite or negative is named", arguments: [Float.nan, .infinity, -1])
    func values(bad: Float) throws {
        try quantize(TinyModel())
        let name = "model.layers.0.mlp.up_proj.weight_scale"
        let bytes = (0..<4).map { UInt8(truncatingIfNeeded: bad.bitPattern >> (8 * $0)) }
        try damage { $0[name]?.bytes.replaceSubrange(8..<12, with: bytes) }
        expectRefusal(naming: name, "row 2")
    }

    @Test("matrices of several kinds, int8 embeddings and int8 norms are refused")
    func mixtures() throws {
        try quantize(TinyModel())
        try damage { $0[Self.matrix] = ("BF16", [48, 32], Data(count: 48 * 32 * 2)) }
        expectRefusal(naming: Self.matrix, "BF16", "int8")
        try quantize(TinyModel())
        try damage { $0["model.embed_tokens.weight"] = ("I8", [61, 32], Data(count: 61 * 32)) }
        expectRefusal(naming: "model.embed_tokens.weight", "I8")
        try quantize(TinyModel())
        try damage { $0["model.norm.weight"] = ("I8", [32], Data(count: 32)) }
        expectRefusal(naming: "model.norm.weight", "I8")
    }

    @Test("settings that do not say what the weights are, and another compute than theirs, are refused")
    func contradictions() throws {
        try quantize(TinyModel())
        var settings = try settings(result)
        settings["quantization_config"] = NSNull()
        try writeConfiguration(settings, to: result)
        expectRefusal(naming: "I8", "quantization_config", "imprag quantize")
        settings["quantization_config"] = ["quant_method": "imprag", "bits": 4]
        try writeConfiguration(settings, to: result)
        expectRefusal(naming: "quantization_config", "4 bits", "U8")
        settings["quantization_config"] = ["quant_method": "imprag", "bits": 5]
        try writeConfiguration(settings, to: result)
        expectRefusal(naming: "quantization_config", #""bits": 8"#)
        settings["quantization_config"] = ["quant_method": "imprag", "bits": 8]
        settings["tie_word_embeddings"] = true
        try writeConfiguration(settings, to: result)
        expectRefusal(naming: "tie_word_embeddings")
        settings["tie_word_embeddings"] = false
        try writeConfiguration(settings, to: source)
        let error = #expect(throws: ImpRAGError.self) { try LlamaModel(directory: source.path, layers: .all) }
        #expect(error?.message.contains("no matrix of model.safetensors has dtype I8") == true)

        try quantize(TinyModel())
        for compute in [Compute.f32, .bf16] {
            let error = #expect(throws: ImpRAGError.self) {
                try LlamaModel(directory: result.path, layers: .all, compute: compute)
            }
            #expect(error?.message.contains("int8") == true)
        }
    }
}
