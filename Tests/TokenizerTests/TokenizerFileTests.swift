import Core
import Foundation
import TestSupport
import Testing

@testable import Tokenizer

@Suite("Reading tokenizer.json")
struct TokenizerFileTests {
    /// The error that reading the file throws after `change`.
    private func error(after change: (inout SmallFile) -> Void) throws -> ImpRAGError {
        var file = SmallFile()
        change(&file)
        let error = #expect(throws: ImpRAGError.self) { try file.tokenizer() }
        return try #require(error)
    }

    @Test("a file that is not there is not found, and the error names it")
    func missingFile() throws {
        let error = #expect(throws: ImpRAGError.self) { try Tokenizer(path: "/nonexistent/tokenizer.json") }
        #expect(error?.code == .notFound)
        #expect(error?.message.contains("/nonexistent/tokenizer.json") == true)
    }

    @Test("a directory and a file of absurd size are refused without being read")
    func unreadableFile() throws {
        let directory = try TemporaryDirectory()
        #expect(throws: ImpRAGError.self) { try Tokenizer(path: directory.path) }
        let path = directory.file("tokenizer.json")
        #expect(FileManager.default.createFile(atPath: path, contents: Data("{".utf8)))
        let file = try FileHandle(forWritingTo: URL(filePath: path))
        try file.truncate(atOffset: 1 << 36)
        try file.close()
        let error = #expect(throws: ImpRAGError.self) { try Tokenizer(path: path) }
        #expect(error?.message.contains("64.0 GiB") == true)
    }

    @Test("every truncation is refused with the file's name, never a crash")
    func truncation() throws {
        let bytes = try SmallFile().bytes()
        for length in stride(from: 0, to: bytes.count, by: 13) {
            let error = #expect(throws: ImpRAGError.self) { try SmallFile.tokenizer(bytes.prefix(length)) }
            #expect(error?.message.contains("tokenizer.json") == true)
        }
    }

    @Test("damaged bytes are refused or read, never a crash")
    func damage() throws {
        let bytes = try SmallFile().bytes()
        var random = SeededGenerator(seed: 7)
        var refused = 0
        for _ in 0..<400 {
            var damaged = bytes
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                damaged[Int.random(in: 0..<damaged.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            do {
                let tokenizer = try SmallFile.tokenizer(damaged)
                _ = try tokenizer.encode("the <s> end", specialTokens: .recognised, addingTemplate: true)
            } catch let error as ImpRAGError {
                refused += 1
                #expect(error.message.contains("tokenizer.json"))
            }
        }
        #expect(refused > 100)
    }

    @Test("wrong types, unknown tokens and clashing ids are refused by the field's name")
    func namedFields() throws {
        #expect(try error { $0.model["vocab"] = [1] }.message.contains("model.vocab must be an object"))
        #expect(try error { $0.model["vocab"] = nil }.message.contains("model.vocab is missing"))
        #expect(try error { $0.model["merges"] = nil }.message.contains("model.merges is missing"))
        #expect(try error { $0.model["merges"] = ["a b c"] }.message.contains("model.merges[0]"))
        #expect(try error { $0.model["merges"] = [["a"]] }.message.contains("model.merges[0]"))
        #expect(
            try error { $0.model["merges"] = ["t h", "x y"] }.message.contains(#"model.merges[1] needs the token "xy""#)
        )
        #expect(
            try error { $0.model["vocab"] = [["<unk>", 0]] as [[any Sendable]] }.message.contains("as Unigram's are"))
        #expect(try error { $0.model["type"] = "Unigram" }.message.contains("model.type"))
        #expect(try error { $0.model["byte_fallback"] = "yes" }.message.contains("model.byte_fallback"))
        #expect(
            try error {
                $0.model["byte_fallback"] = true
                var vocabulary = $0.model["vocab"] as? [String: Int] ?? [:]
                vocabulary["Ġ!"] = vocabulary.removeValue(forKey: "!")
                $0.model["vocab"] = vocabulary
            }.message.contains("model.byte_fallback"))
        #expect(try error { $0.model["dropout"] = 0.1 }.message.contains("model.dropout"))
        #expect(try error { $0.other["normalizer"] = ["type": "Lowercase"] }.message.contains("normalizer"))
        #expect(try error { $0.other["decoder"] = ["type": "WordPiece"] }.message.contains("decoder.type"))
        #expect(try error { $0.other["decoder"] = nil }.message.contains("decoder"))
        #expect(try error { $0.preTokenizers = [["type": "Whitespace"]] }.message.contains("pre_tokenizer.type"))
        #expect(
            try error { $0.preTokenizers = [["type": "Metaspace", "replacement": "__"]] }.message.contains(
                "pre_tokenizer.replacement is"))
        #expect(
            try error {
                $0.preTokenizers = [["type": "Metaspace", "replacement": "_", "prepend_scheme": "last"]]
            }.message.contains("it must be one of always, first, never"))
        #expect(
            try error { $0.preTokenizers.append(["type": "Metaspace", "replacement": "_"]) }.message.contains(
                "pre_tokenizer.pretokenizers[1] stands after ByteLevel"))
        #expect(try error { $0.addedTokens[1]["id"] = $0.begin }.message.contains("both have the id"))
        #expect(try error { $0.addedTokens[1]["id"] = 2_000_000_000 }.message.contains("2000000000"))
        #expect(try error { $0.addedTokens[1]["id"] = -1 }.message.contains("added_tokens[1].id"))
        #expect(try error { $0.addedTokens[1]["content"] = "the" }.message.contains("added_tokens[1]"))
        #expect(
            try error {
                $0.preTokenizers.insert(["type": "Split", "pattern": ["Regex": "a("], "behavior": "Isolated"], at: 0)
            }.message.contains("pre_tokenizer.pretokenizers[0].pattern.Regex"))
        #expect(
            try error {
                $0.preTokenizers.insert(["type": "Split", "pattern": ["Regex": "a"], "behavior": "Sideways"], at: 0)
            }.message.contains("behavior"))
        #expect(
            try error {
                $0.other["post_processor"] = [
                    "type": "TemplateProcessing",
                    "single": [["SpecialToken": ["id": "<s>"]], ["Sequence": ["id": "A"]]],
                    "special_tokens": ["<s>": ["ids": [99_999]]],
                ]
            }.message.contains("post_processor.special_tokens.<s>.ids[0]"))
    }

    @Test("normalizers that change texts are refused by name, with what is supported")
    func normalizers() throws {
        func message(_ normalizer: [String: Any]) throws -> String {
            try error { $0.other["normalizer"] = ["type": "Sequence", "normalizers": [normalizer]] }.message
        }
        for name in ["Nmt", "StripAccents", "Lowercase", "ByteLevel", "Precompiled"] {
            #expect(try message(["type": name]).contains("normalizer.normalizers[0].type is \"\(name)\""))
        }
        #expect(
            try message(["type": "Strip", "strip_left": true, "strip_right": false]).contains("strip_left is true"))
        #expect(try message(["type": "BertNormalizer", "lowercase": true]).contains("lowercase is true"))
        let pattern: [String: Any] = ["type": "Replace", "pattern": ["Regex": "a+"], "content": "a"]
        #expect(try message(pattern).contains("normalizer.normalizers[0].pattern.Regex is \"a+\""))
    }

    /// Settings that leave every id and every text as it is, by field.
    static let idle: [(field: String, value: any Sendable)] = [
        ("normalizer", ["type": "Sequence", "normalizers": [String]()] as [String: any Sendable]),
        ("normalizer", ["type": "Prepend", "prepend": ""]),
        ("normalizer", ["type": "Strip", "strip_left": false, "strip_right": false] as [String: any Sendable]),
        ("normalizer", ["type": "Replace", "pattern": ["String": "a"], "content": "a"] as [String: any Sendable]),
        ("normalizer", ["type": "Replace", "pattern": ["Regex": "a"], "content": "a"] as [String: any Sendable]),
        (
            "normalizer",
            ["type": "BertNormalizer", "clean_text": false, "handle_chinese_chars": false, "lowercase": false]
                as [String: any Sendable]
        ),
        ("pre_tokenizer", ["type": "Sequence", "pretokenizers": [String]()] as [String: any Sendable]),
        ("post_processor", ["type": "Sequence", "processors": [String]()] as [String: any Sendable]),
        ("decoder", ["type": "Sequence", "decoders": [String]()] as [String: any Sendable]),
        ("decoder", ["type": "Strip", "content": " ", "start": 0, "stop": 0] as [String: any Sendable]),
        ("decoder", ["type": "Replace", "pattern": ["String": "a"], "content": "a"] as [String: any Sendable]),
        ("decoder", ["type": "Fuse"]),
        ("model.dropout", 0.0), ("model.fuse_unk", true), ("model.byte_fallback", true), ("model.unk_token", "a"),
        ("model.continuing_subword_prefix", ""), ("model.end_of_word_suffix", ""),
    ]

    @Test("settings that change nothing are accepted, alone and in a Sequence", arguments: Self.idle.indices)
    func idleSettings(_ index: Int) throws {
        let (field, value) = Self.idle[index]
        let plain = SmallFile()
        var file = plain
        let members = [
            "normalizer": "normalizers", "pre_tokenizer": "pretokenizers", "post_processor": "processors",
            "decoder": "decoders",
        ]
        if let list = members[field] {
            let used: Any? = field == "pre_tokenizer" ? file.preTokenizers[0] : file.other[field]
            let sequence = [used as? [String: Any], value as? [String: Any]].compactMap { $0 }
            if field == "pre_tokenizer" {
                file.preTokenizers = [["type": "Sequence", list: sequence]]
            } else {
                file.other[field] = ["type": "Sequence", list: sequence]
            }
        } else {
            file.model[String(field.dropFirst("model.".count))] = value
        }
        let (changed, expected) = (try file.tokenizer(), try plain.tokenizer())
        for text in ["", "a", "the <s> aaaa\n é 中 🙂", " the  the"] {
            let ids = try expected.encode(text, specialTokens: .recognised, addingTemplate: true)
            #expect(try changed.encode(text, specialTokens: .recognised, addingTemplate: true) == ids)
            #expect(try changed.decode(ids) == expected.decode(ids))
        }
    }

    @Test("a token that stands twice in the vocabulary is refused")
    func repeatedToken() throws {
        let text = String(decoding: try SmallFile().bytes(), as: UTF8.self)
        let doubled = text.replacing(#""vocab":{"#, with: #""vocab":{"the":257,"#)
        let error = #expect(throws: ImpRAGError.self) { try SmallFile.tokenizer(Data(doubled.utf8)) }
        #expect(error?.message.contains(#""the" twice"#) == true)
    }

    @Test("merges may be pairs or strings, and may stand before the vocabulary")
    func mergeForms() throws {
        var file = SmallFile()
        let expected = try file.tokenizer().encode("aaaa the", specialTokens: .plain, addingTemplate: false)
        #expect(expected == [260, 258])
        file.model["merges"] = [["t", "h"], ["th", "e"], ["Ġ", "the"], ["a", "a"], ["aa", "aa"]]
        #expect(try file.tokenizer().encode("aaaa the", specialTokens: .plain, addingTemplate: false) == expected)
        // Keys are written in order, so `merges` already stands before `vocab`; the other order here.
        let text = String(decoding: try file.bytes(), as: UTF8.self)
        let vocabulary = try #require(text.range(of: #""vocab":{"#))
        #expect(try #require(text.range(of: #""merges":"#)).lowerBound < vocabulary.lowerBound)
        let end = try #require(
            text[vocabulary.upperBound...].range(of: #"}}"#) ?? text[vocabulary.upperBound...].range(of: "},"))
        let moved = text[vocabulary.lowerBound..<end.lowerBound] + "},"
        var reordered = text
        reordered.removeSubrange(text.index(before: vocabulary.lowerBound)..<text.index(after: end.lowerBound))
        reordered.insert(contentsOf: moved, at: try #require(reordered.range(of: #""merges":"#)).lowerBound)
        let tokenizer = try SmallFile.tokenizer(Data(reordered.utf8))
        #expect(try tokenizer.encode("aaaa the", specialTokens: .plain, addingTemplate: false) == expected)
    }
}
