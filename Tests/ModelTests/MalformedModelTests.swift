import Core
import Foundation
import Model
import TestSupport
import Testing

/// A damaged model is refused with a message that names what is damaged, and nothing is allocated on its word.
@Suite struct MalformedModelTests {
    private let directory: TemporaryDirectory
    private let tiny = TinyModel()
    /// The header of the sound file, and what follows it.
    private let header: [String: Any]
    private let data: Data

    init() throws {
        directory = try TemporaryDirectory()
        try tiny.write(to: directory)
        let whole = try Data(contentsOf: URL(filePath: directory.file("model.safetensors")))
        let length = whole.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        header = try #require(
            JSONSerialization.jsonObject(with: whole.dropFirst(8).prefix(length)) as? [String: Any])
        data = whole.dropFirst(8 + length)
    }

    private func load(_ layers: LlamaModel.Layers = .all) throws {
        _ = try LlamaModel(directory: directory.path, layers: layers, threadCount: 1)
    }

    private func expectRefusal(
        _ code: ErrorCode = .invalidArgument, naming words: String..., layers: LlamaModel.Layers = .all,
        location: SourceLocation = #_sourceLocation
    ) {
        let error = #expect(throws: ImpRAGError.self, sourceLocation: location) { try load(layers) }
        #expect(error?.code == code, sourceLocation: location)
        for word in words {
            #expect(error?.message.contains(word) == true, "\(String(describing: error))", sourceLocation: location)
        }
    }

    private func write(_ header: [String: Any], _ data: Data) throws {
        try write(raw: safeTensors(JSONSerialization.data(withJSONObject: header), data))
    }

    private func write(raw: Data) throws {
        try raw.write(to: URL(filePath: directory.file("model.safetensors")))
    }

    private func changed(_ tensor: String, _ field: String, _ value: Any) throws -> [String: Any] {
        var header = header
        var entry = try #require(header[tensor] as? [String: Any])
        entry[field] = value
        header[tensor] = entry
        return header
    }

    @Test("the sound model loads, whole and bottom only")
    func sound() throws {
        try load(.all)
        try load(.bottom)
    }

    @Test("a missing tensor is named, with the shape that is expected")
    func missingTensor() throws {
        var header = header
        let name = "model.layers.2.mlp.up_proj.weight"
        // Its bytes stay covered, under another name.
        header["unused"] = header.removeValue(forKey: name)
        try write(header, data)
        expectRefusal(naming: name, "model.safetensors", "[48, 32]")
        // Also by commands and nodes that would not have read it.
        expectRefusal(naming: name, "model.safetensors", "[48, 32]", layers: .bottom)
    }

    @Test("all missing tensors of a layer are counted in one error")
    func severalMissing() throws {
        var header = header
        for name in ["q_proj", "k_proj", "v_proj"] {
            header["unused.\(name)"] = header.removeValue(forKey: "model.layers.0.self_attn.\(name).weight")
        }
        try write(header, data)
        expectRefusal(naming: "q_proj", "k_proj", "v_proj", layers: .bottom)
    }

    @Test("a wrong shape is named with both shapes")
    func wrongShape() throws {
        try write(changed("lm_head.weight", "shape", [tiny.hiddenSize, tiny.vocabularySize]), data)
        expectRefusal(naming: "lm_head.weight", "model.safetensors", "[32, 61]", "[61, 32]")
    }

    @Test("dtypes that are unknown, or known and not for weights, are refused")
    func dtypes() throws {
        try write(changed("model.norm.weight", "dtype", "F33"), data)
        expectRefusal(naming: "model.norm.weight", "F33", "model.safetensors")
        try write(changed("model.norm.weight", "dtype", "I32"), data)
        expectRefusal(naming: "model.norm.weight", "I32", "model.safetensors")
    }

    @Test("a file cut anywhere is refused")
    func truncated() throws {
        let whole = try Data(contentsOf: URL(filePath: directory.file("model.safetensors")))
        var random = SeededGenerator(seed: 5)
        let lengths =
            [0, 1, 7, 8, 9, whole.count - 1] + (0..<40).map { _ in Int.random(in: 0..<whole.count, using: &random) }
        for length in lengths {
            try write(raw: whole.prefix(length))
            expectRefusal(naming: "model.safetensors")
        }
    }

    @Test("a header that claims more than the file holds is refused before it is read")
    func headerLength() throws {
        for length: UInt64 in [1 << 20, 1 << 40, .max, 1 << 63] {
            try write(
                raw: Data((0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * UInt64($0))) }) + Data("{}".utf8))
            expectRefusal(naming: "model.safetensors", "\(length)")
        }
    }

    @Test("overlaps, gaps and offsets outside the file are refused")
    func offsets() throws {
        let first = "model.embed_tokens.weight"
        let size = tiny.vocabularySize * tiny.hiddenSize * 4
        try write(changed("model.layers.0.input_layernorm.weight", "data_offsets", [size - 128, size]), data)
        expectRefusal(naming: "model.layers.0.input_layernorm.weight", "overlaps", "model.safetensors")
        var header = header
        header.removeValue(forKey: "model.layers.1.mlp.gate_proj.weight")
        try write(header, data)
        expectRefusal(naming: "gap", "model.layers.1.mlp.up_proj.weight")
        try write(changed(first, "data_offsets", [data.count, data.count + size]), data)
        expectRefusal(naming: first, "\(data.count + size)")
        try write(changed(first, "data_offsets", [size, 0]), data)
        expectRefusal(naming: first)
        try write(self.header, data + Data(count: 4))
        expectRefusal(naming: "4 bytes follow")
    }

    @Test("a shape whose product overflows or does not fit its bytes is refused")
    func shapes() throws {
        let name = "model.norm.weight"
        for shape: [Int] in [[1 << 62, 8], [1 << 40, 1 << 40], [31], [33], [Int.max]] {
            try write(changed(name, "shape", shape), data)
            expectRefusal(naming: name, "model.safetensors")
        }
        try write(changed(name, "shape", Array(repeating: 1, count: 9) + [32]), data)
        expectRefusal(naming: "model.safetensors")
    }

    @Test(
        "a header that is not the format's JSON is refused",
        arguments: [
            "", "{", "[]", "null", "{}x", #"{"a"}"#, #"{"a":1}"#, #"{"a":{"dtype":"F32"}}"#,
            #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}}"#,
            #"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#,
            #"{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}"#,
            #"{"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,4]}}"#,
            #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
            #"{"__metadata__":{"a":[]}}"#, #"{"a\u12":{}}"#, #"{"\ud800":{}}"#, "{\"a\n\":{}}",
        ])
    func headers(text: String) throws {
        try write(raw: safeTensors(Data(text.utf8), Data(count: 4)))
        expectRefusal(naming: "model.safetensors")
    }

    @Test("a header of random damage never crashes the reader")
    func damagedHeaders() throws {
        let whole = try Data(contentsOf: URL(filePath: directory.file("model.safetensors")))
        let headerEnd = whole.count - data.count
        var random = SeededGenerator(seed: 6)
        for _ in 0..<200 {
            var damaged = whole
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                damaged[Int.random(in: 0..<headerEnd, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            try write(raw: damaged)
            do { try load() } catch { #expect(error is ImpRAGError) }
        }
    }

    @Test("an index that names a missing file, another folder or a wrong file is refused")
    func indexFiles() throws {
        let sound = directory.file("model.safetensors")
        try FileManager.default.moveItem(atPath: sound, toPath: directory.file("part.safetensors"))
        expectRefusal(.notFound, naming: "model.safetensors.index.json")
        let names = tiny.shapes.map(\.name)
        func writeIndex(_ map: [String: Any]) throws {
            try JSONSerialization.data(withJSONObject: ["weight_map": map])
                .write(to: URL(filePath: directory.file("model.safetensors.index.json")))
        }
        var map: [String: Any] = Dictionary(uniqueKeysWithValues: names.map { ($0, "part.safetensors") })
        try writeIndex(map)
        try load()
        map["lm_head.weight"] = "absent.safetensors"
        try writeIndex(map)
        expectRefusal(.notFound, naming: "absent.safetensors", "lm_head.weight")
        map["lm_head.weight"] = "../part.safetensors"
        try writeIndex(map)
        expectRefusal(naming: "../part.safetensors", "lm_head.weight")
        map["lm_head.weight"] = 7
        try writeIndex(map)
        expectRefusal(naming: "lm_head.weight")
        map["lm_head.weight"] = "part.safetensors"
        map["model.layers.9.weight"] = "part.safetensors"
        try writeIndex(map)
        expectRefusal(naming: "model.layers.9.weight", "part.safetensors")
        try writeIndex([:])
        expectRefusal(naming: "weight_map")
    }

    @Test("a tensor that stands in two files is refused with both names")
    func duplicateTensor() throws {
        try FileManager.default.moveItem(
            atPath: directory.file("model.safetensors"), toPath: directory.file("part.safetensors"))
        let twin = ["lm_head.weight": ["dtype": "F32", "shape": [1], "data_offsets": [0, 4]] as [String: Any]]
        try safeTensors(JSONSerialization.data(withJSONObject: twin), Data(count: 4))
            .write(to: URL(filePath: directory.file("twin.safetensors")))
        var map = Dictionary(uniqueKeysWithValues: tiny.shapes.map { ($0.name, "part.safetensors") })
        map["lm_head.weight"] = "twin.safetensors"
        try JSONSerialization.data(withJSONObject: ["weight_map": map])
            .write(to: URL(filePath: directory.file("model.safetensors.index.json")))
        expectRefusal(naming: "lm_head.weight", "part.safetensors", "twin.safetensors")
    }

    /// The sound file with one more tensor at its end.
    private func add(_ name: String, _ bytes: Data, shape: [Int]) throws {
        var header = header
        header[name] = ["dtype": "F32", "shape": shape, "data_offsets": [data.count, data.count + bytes.count]]
        try write(header, data + bytes)
    }

    @Test("a tensor that the layers would not use is refused by name, by every role")
    func unusedTensor() throws {
        for name in [
            "model.layers.0.self_attn.q_proj.bias", "model.layers.4.input_layernorm.weight", "score.weight",
            "model.layers.0.self_attn.q_norm.weight", "model.layers.1.mlp.up_proj.weight_scale",
        ] {
            try add(name, Data(count: 128), shape: [32])
            expectRefusal(naming: name, "model.safetensors")
            expectRefusal(naming: name, layers: .bottom)
        }
        try add("model.layers.0.self_attn.q_proj.bias", Data(count: 256), shape: [64])
        expectRefusal(naming: "attention_bias")
    }

    @Test("what older writers left over and everybody computes is harmless")
    func harmlessTensors() throws {
        for name in ["model.layers.0.self_attn.rotary_emb.inv_freq", "model.rotary_emb.inv_freq"] {
            try add(name, Data(count: 32), shape: [8])
            try load()
        }
    }

    @Test("an output layer beside tied embeddings is harmless as their copy, and refused as anything else")
    func tiedHead() throws {
        let tied = TinyModel(tiesEmbeddings: true)
        try writeConfiguration(tied.configuration, to: directory)
        func digest() throws -> [UInt8] {
            try LlamaModel(directory: directory.path, layers: .all, threadCount: 1).weightsDigest()
        }
        // The head of the untied file is another matrix.
        let error = #expect(throws: ImpRAGError.self) { try digest() }
        #expect(error?.message.contains("lm_head.weight") == true && error?.message.contains("copy") == true)
        let bytes = tied.hiddenSize * tied.vocabularySize * 4
        try write(header, data.dropLast(bytes) + data.prefix(bytes))
        #expect(throws: Never.self) { try digest() }
        #expect(throws: ImpRAGError.self) {
            try write(changed("lm_head.weight", "shape", [32, 61]), data)
            try load()
        }
    }
}
