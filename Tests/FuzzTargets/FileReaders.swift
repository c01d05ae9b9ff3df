import Cluster
import Core
import Foundation
import Indexing
import TestSupport
import Tokenizer

@testable import Model

/// Readers of files that people and other programs write.
enum FileReaders {
    private static let folder = Result { try TemporaryDirectory(in: TemporaryDirectory.fastest) }

    /// A scratch file of this process.
    private static func scratch(_ name: String, _ bytes: [UInt8]) throws(ImpRAGError) -> String {
        do {
            let path = try folder.get().file(name)
            try Data(bytes).write(to: URL(filePath: path))
            return path
        } catch {
            throw ImpRAGError(.unavailable, "a scratch file cannot be written", cause: error)
        }
    }

    static func tokenizer(_ bytes: [UInt8]) throws(ImpRAGError) -> Bool {
        let tokenizer = try Tokenizer(path: scratch("tokenizer.json", bytes))
        let text = "The<s> cat's \u{0} 12 Zürich\n\n  " + String(decoding: bytes.suffix(40), as: UTF8.self)
        let ids = try tokenizer.encode(text, specialTokens: .recognised, addingTemplate: true)
        precondition(ids.allSatisfy(tokenizer.contains), "a token of no vocabulary")
        _ = try tokenizer.decode(ids, skippingSpecialTokens: false)
        return true
    }

    static func safetensors(_ bytes: [UInt8]) throws(ImpRAGError) -> Bool {
        let file = try SafeTensorsFile(path: scratch("model.safetensors", bytes))
        for tensor in file.tensors {
            precondition(tensor.range.upperBound <= bytes.count, "\(tensor) is not in the file")
        }
        return true
    }

    static func corpus(_ bytes: [UInt8]) throws(ImpRAGError) -> Bool {
        try read(scratch("corpus.jsonl", bytes))
    }

    static func markdown(_ bytes: [UInt8]) throws(ImpRAGError) -> Bool {
        let file = try scratch("text.md", bytes)
        let folder = URL(filePath: file).deletingLastPathComponent().appending(path: "texts")
        let copy = folder.appending(path: "text.md")
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Data(bytes).write(to: copy)
        } catch {
            throw ImpRAGError(.unavailable, "a scratch file cannot be written", cause: error)
        }
        return try read(folder.path(percentEncoded: false))
    }

    /// Reads every document; bad lines are passed over, so that what follows them is read too.
    private static func read(_ path: String) throws(ImpRAGError) -> Bool {
        var reader = try CorpusReader(files: [path], skipsBadLines: true)
        var count = 0
        while let document = try reader.next() {
            count += 1
            for passage in document.passages { precondition(passage.problems.isEmpty, "\(passage.problems)") }
        }
        return count > 0
    }

    static func cluster(_ bytes: [UInt8]) throws(ImpRAGError) -> Bool {
        let text = String(decoding: bytes, as: UTF8.self)
        let cluster = try ClusterConfiguration(text: text, source: "it", directory: "/nowhere")
        precondition(!cluster.nodes(of: .coordinator).isEmpty, "a cluster without a coordinator")
        return true
    }

    // MARK: Seeds

    /// A ByteLevel and a Metaspace vocabulary, small enough for a fuzzer to change much of them.
    static func tokenizerSeeds() throws -> [[UInt8]] {
        let byteLevel = #"""
            {"version":"1.0","added_tokens":[{"id":9,"content":"<s>","special":true,"lstrip":true,"rstrip":false,
            "single_word":false,"normalized":false}],"normalizer":null,
            "pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":"(?i:'s)|\\p{L}+|\\p{N}{1,3}|\\s+"},
            "behavior":"Isolated","invert":false},{"type":"ByteLevel","add_prefix_space":false,"use_regex":false}]},
            "post_processor":{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<s>","type_id":0}},
            {"Sequence":{"id":"A","type_id":0}}],"special_tokens":{"<s>":{"id":"<s>","ids":[9],"tokens":["<s>"]}}},
            "decoder":{"type":"ByteLevel"},"model":{"type":"BPE","byte_fallback":false,"ignore_merges":true,
            "vocab":{"t":0,"h":1,"e":2,"th":3,"the":4,"Ġ":5,"Ġthe":6,"a":7,"Z":8},
            "merges":["t h",["th","e"],"Ġ the"]}}
            """#
        let metaspace = #"""
            {"added_tokens":[{"id":0,"content":"<unk>","special":true},{"id":1,"content":"<s>","special":true,"normalized":true}],
            "normalizer":{"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"▁"},{"type":"Replace","pattern":{"String":" "},
            "content":"▁"}]},"pre_tokenizer":null,"post_processor":null,
            "decoder":{"type":"Sequence","decoders":[{"type":"Replace","pattern":{"String":"▁"},"content":" "},
            {"type":"ByteFallback"},{"type":"Fuse"},{"type":"Strip","content":" ","start":1,"stop":0}]},
            "model":{"type":"BPE","unk_token":"<unk>","fuse_unk":true,"byte_fallback":true,
            "vocab":{"<unk>":0,"<s>":1,"<0x00>":2,"<0xC3>":3,"<0xBC>":4,"▁":5,"c":6,"a":7,"t":8,"at":9,"cat":10,"▁cat":11},
            "merges":["a t","c at","▁ cat"]}}
            """#
        return [byteLevel, metaspace].map { Array($0.utf8) }
    }

    static func safetensorsSeeds() throws -> [[UInt8]] {
        try [
            [],
            [("a", "F32", [2, 2])],
            [("model.embed", "BF16", [3, 2]), ("b", "I8", []), ("none", "F32", [0, 7])],
        ].map { (tensors: [(String, String, [Int])]) in
            let sizes = ["F32": 4, "BF16": 2, "I8": 1]
            let entries = tensors.map { name, element, shape in
                SafeTensorsWriter.Entry(
                    name: name, element: element, shape: shape,
                    byteCount: shape.reduce(sizes[element] ?? 0, *))
            }
            let path = try folder.get().file("seed.safetensors")
            var writer = try SafeTensorsWriter(path: path, entries: entries)
            for entry in entries { try writer.write([UInt8](repeating: 7, count: entry.byteCount)) }
            try writer.finish()
            return [UInt8](try Data(contentsOf: URL(filePath: path)))
        }
    }

    static let corpusSeeds = [
        """
        {"id": "a", "title": "Peru", "section": "Towns", "text": "Lima is the capital of Peru. It has a port."}
        {"id": 7, "text": "Zürich lies at a lake.\\u0000\\ud83d\\ude00", "metadata": {"year": 1990, "tags": ["a", "b"], "x": null}}

        """,
        """
        {"wikipedia_id": "1", "wikipedia_title": "Peru", "text": ["Peru\\n", "Lima is its capital.\\n", "Section::::Towns.\\n"]}
        """,
        "id\ttext\ttitle\n1\t\"Lima is \"\"the\"\" capital.\"\tPeru\n2\tZürich\tSwitzerland\r\n",
    ].map { Array($0.utf8) }

    static let markdownSeeds = [
        """
        ---
        title: "Peru"
        tags: [a, b]
        ---
        # Peru

        Lima is the capital.

        ## Towns ##
        - Cusco
        ```sh
        # no heading
        ```
        Arequipa
        ========
        <!-- a comment -->
        It is white. [A link](x.md "y")
        """,
        "\u{FEFF}Lima\r\n----\r\n\r\nis a town.\r\n",
    ].map { Array($0.utf8) }

    /// The sample, and one with everything that it leaves out.
    static func clusterSeeds() throws -> [[UInt8]] {
        let sample = try Data(contentsOf: URL(filePath: SharedData.packageRoot + "/Cluster/cluster.json"))
        let small = """
            {"model": "m", "index": "s3://bucket/wiki?endpoint=http://127.0.0.1:8333", "partitions": 2,
             "nodes": [
              {"name": "c", "role": "coordinator", "listen": "tcp://127.0.0.1:7001", "memory_budget": "2 GiB"},
              {"name": "g", "role": "generator", "listen": "ipc:///tmp/g", "drain_milliseconds": 5, "compute": "f32"},
              {"name": "s", "role": "shard", "listen": "tcp://[::1]:7002", "partitions": [0, 1], "data": "d",},
             ]}
            """
        return [[UInt8](sample), Array(small.utf8)]
    }
}
