import Core
import Foundation
import TestSupport
import Testing

@testable import Model

@Suite struct FingerprintTests {
    private func fingerprint(_ changes: [String: Any] = [:], imprag: [String: Any] = [:]) throws -> Fingerprint {
        let directory = try Family.copy("llama", changes, imprag: imprag)
        // Bytes of any kind do: only the file counts.
        try Data("{}".utf8).write(to: URL(filePath: directory.file("tokenizer.json")))
        return try modelFingerprint(
            directory: directory.path, model: LlamaModel(directory: directory.path, layers: .bottom, threadCount: 1))
    }

    @Test("a field counts unless it is known not to change a number, and so does one that nobody knows")
    func fields() throws {
        let base = try fingerprint()
        #expect(try fingerprint() == base)
        for changes: [String: Any] in [
            ["rms_norm_eps": 2e-6], ["hidden_act": "swish"], ["rope_interleaved": true], ["vocab_size_hint": 1],
            ["bos_token_id": 2], ["max_position_embeddings": 63],
        ] { #expect(try fingerprint(changes) != base, "\(changes)") }
        #expect(try fingerprint(imprag: ["top_boundary": 3]) != base)
        #expect(try fingerprint(imprag: ["query_scale": 2]) != base)
        for changes: [String: Any] in [
            ["torch_dtype": "float32"], ["transformers_version": "4.1"], ["use_cache": false],
            ["eos_token_id": [1, 2]],
            ["temperature": 0.3], ["_name_or_path": "x"], ["architectures": NSNull()],
        ] { #expect(try fingerprint(changes) == base, "\(changes)") }
        #expect(try fingerprint(imprag: ["top_k": 9, "passage_encoding": "segmented"]) == base)
    }

    @Test("how a library writes numbers, names and white space does not count")
    func spelling() throws {
        func bytes(_ text: String) throws -> [UInt8] {
            try JSONScanner.value(.text("it"), bytes: Array(text.utf8)).canonicalBytes
        }
        #expect(try bytes(#"{"a": 1e-05, "b": [10000.0, -0.0]}"#) == bytes(#"{"b":[1e4,0],"\u0061":0.00001}"#))
        let different = [
            "null", "true", "false", "0", "1", #""1""#, #""""#, "[]", "[0]", "[[0]]", "{}", #"{"a":null}"#,
            #"{"a":"b"}"#,
            #"["a","b"]"#, #"["ab"]"#, #"["a,b"]"#,
        ]
        #expect(try Set(different.map(bytes)).count == different.count)
        #expect(
            try bytes(#"{"é":1}"#) == Array("{s2:é".utf8) + Array("d".utf8) + [0x3F, 0xF0, 0, 0, 0, 0, 0, 0]
                + Array("}".utf8))
    }
}
