import Core
import Foundation
import TestSupport
import Testing

@testable import Tokenizer

/// SentencePiece's way: a vocabulary of characters, with tokens for the bytes of those that it does not have.
@Suite("Byte fallback")
struct ByteFallbackTests {
    private static let folder = SharedData.packageRoot + "/Tests/TokenizerTests/Golden/"

    private struct Row: Decodable {
        var variant: String
        var text: String?
        var ids: [Int32]
        var plain: [Int32]?
        var decoded: String
    }

    private static func object(_ name: String) throws -> [String: Any] {
        let value = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: folder + name)))
        return try #require(value as? [String: Any])
    }

    /// The golden tokenizer with the members that `variant` has instead, and then with `changes`.
    private static func tokenizer(_ variant: String, _ changes: [String: Any] = [:]) throws -> Tokenizer {
        var file = try object("tokenizer.json")
        for var members in [try #require(object("variants.json")[variant] as? [String: Any]), changes] {
            let model = members.removeValue(forKey: "model") as? [String: Any] ?? [:]
            file.merge(members) { $1 }
            file["model"] = (file["model"] as? [String: Any])?.merging(model) { $1 }
        }
        return try SmallFile.tokenizer(try JSONSerialization.data(withJSONObject: file))
    }

    private static func rows(_ variant: String) throws -> [Row] {
        try Data(contentsOf: URL(filePath: folder + "vectors.jsonl")).split(separator: 0x0A).map {
            try JSONDecoder().decode(Row.self, from: $0)
        }.filter { $0.variant == variant }
    }

    private static let variants = [
        "prepend", "metaspace-always", "metaspace-first", "metaspace-never", "whole-words", "no-bytes", "composed",
        "compatible",
    ]

    @Test("texts and ids become what the tokenizers package makes of them", arguments: variants)
    func golden(_ variant: String) throws {
        let tokenizer = try Self.tokenizer(variant)
        let rows = try Self.rows(variant)
        #expect(rows.count == 62)
        for row in rows {
            if let text = row.text, let plain = row.plain {
                #expect(try tokenizer.encode(text, specialTokens: .recognised, addingTemplate: true) == row.ids)
                #expect(try tokenizer.encode(text, specialTokens: .plain, addingTemplate: false) == plain)
            }
            #expect(Array(try tokenizer.decode(row.ids).utf8) == Array(row.decoded.utf8))
        }
    }

    @Test("what the stream decoder gives, joined, is the decoded text", arguments: variants)
    func streaming(_ variant: String) throws {
        let tokenizer = try Self.tokenizer(variant)
        for row in try Self.rows(variant) {
            var stream = tokenizer.makeStreamDecoder()
            // Twice: `finish` makes it ready for another text.
            for _ in 0..<2 {
                var text = ""
                for id in row.ids { text += try stream.append(id) }
                #expect(Array((text + stream.finish()).utf8) == Array(row.decoded.utf8))
            }
        }
    }

    @Test("a token by itself has its bytes: of a byte token the byte, of others with the space in front")
    func ownBytes() throws {
        let tokenizer = try Self.tokenizer("prepend")
        let stream = tokenizer.makeStreamDecoder()
        for (token, bytes) in [
            ("▁The", Array(" The".utf8)), ("<0xE2>", [0xE2]), ("<s>", Array("<s>".utf8)), ("▁", [0x20]),
        ] {
            #expect(stream.bytes(of: try #require(tokenizer.id(of: token))) == bytes, "\(token)")
        }
        #expect(stream.bytes(of: -1).isEmpty && stream.bytes(of: 1 << 20).isEmpty)
    }

    @Test("the space in front of the first token goes, and no other, however special tokens stand before it")
    func firstSpace() throws {
        let tokenizer = try Self.tokenizer("prepend")
        let ids = try ["<s>", "▁The", "▁capital", "▁", "</s>", "▁The"].map { try #require(tokenizer.id(of: $0)) }
        var stream = tokenizer.makeStreamDecoder()
        #expect(try ids.map { try stream.append($0) } == ["", "The", " capital", " ", "", " The"])
        #expect(stream.finish() == "")
    }

    @Test("bytes are held back until their run ends; what they are so far can be looked at")
    func heldBytes() throws {
        let tokenizer = try Self.tokenizer("prepend")
        let bytes = try "\n😀".utf8.map { byte in
            try #require(
                tokenizer.id(of: "<0x" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true) + ">"))
        }
        var stream = tokenizer.makeStreamDecoder()
        var seen: [String] = []
        for id in bytes {
            #expect(try stream.append(id) == "")
            seen.append(stream.heldText)
        }
        #expect(seen == ["\n", "", "", "", "\n😀"])
        #expect(try stream.append(try #require(tokenizer.id(of: "▁The"))) == "\n😀 The")
        #expect(stream.heldText == "")
        // A run that is no UTF-8 is replaced as a whole.
        for id in bytes.dropLast() { #expect(try stream.append(id) == "") }
        #expect(stream.finish() == "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}")
    }

    @Test("a Strip after Fuse takes from the ends of the whole text, one before it from every token")
    func strip() throws {
        func decoder(_ steps: [[String: Any]]) -> [String: Any] {
            ["decoder": ["type": "Sequence", "decoders": steps]]
        }
        let strip: [String: Any] = ["type": "Strip", "content": "▁", "start": 1, "stop": 2]
        let whole = try Self.tokenizer("prepend", decoder([["type": "Fuse"], strip]))
        let each = try Self.tokenizer("prepend", decoder([strip, ["type": "Fuse"]]))
        let ids = try ["▁The", "▁", "▁", "▁The", "▁", "▁", "▁"].map { try #require(whole.id(of: $0)) }
        #expect(try whole.decode(ids) == "The▁▁▁The▁")
        #expect(try each.decode(ids) == "TheThe")
        var stream = whole.makeStreamDecoder()
        #expect(try ids.map { try stream.append($0) } == ["The", "", "", "▁▁▁The", "", "", "▁"])
        #expect(stream.finish() == "")
    }

    @Test("a text without a split costs what words cost, and gives the same ids as without the cuts")
    func longText() throws {
        let tokenizer = try Self.tokenizer("metaspace-first")
        for unit in ["x", " ", "é", "The river ", "中"] {
            let text = String(repeating: unit, count: 400_000 / unit.utf8.count)
            let clock = ContinuousClock()
            var ids: [Int32] = []
            let time = try clock.measure {
                ids = try tokenizer.encode(text, specialTokens: .plain, addingTemplate: false)
            }
            #expect(try tokenizer.decode(ids) == (unit == " " ? String(text.dropFirst()) : text))
            // Quadratic work would take minutes.
            #expect(time < .seconds(20))
        }
        // A token across a space forbids the cuts.
        var file = try Self.object("tokenizer.json")
        var model = try #require(file["model"] as? [String: Any])
        var vocabulary = try #require(model["vocab"] as? [String: Int])
        vocabulary["e▁"] = 523
        model["vocab"] = vocabulary
        model["merges"] = [["e", "▁"]] + (try #require(model["merges"] as? [[String]]))
        file["model"] = model
        let crossing = try SmallFile.tokenizer(try JSONSerialization.data(withJSONObject: file))
        #expect(try crossing.encode("The river", specialTokens: .plain, addingTemplate: false).contains(523))
    }

    @Test("what cannot be decoded or encoded is refused by the field's name")
    func refused() throws {
        func message(_ changes: [String: Any]) throws -> String {
            let error = #expect(throws: ImpRAGError.self) { try Self.tokenizer("prepend", changes) }
            return try #require(error).message
        }
        func decoder(_ steps: [String: Any]...) throws -> String {
            try message(["decoder": ["type": "Sequence", "decoders": steps]])
        }
        #expect(try message(["decoder": NSNull()]).contains("decoder is missing"))
        #expect(try message(["model": ["unk_token": "<none>"]]).contains("model.unk_token is \"<none>\""))
        #expect(try decoder(["type": "CTC"]).contains("decoder.decoders[0].type is \"CTC\""))
        #expect(
            try decoder(["type": "Fuse"], ["type": "ByteFallback"]).contains(
                "decoder.decoders[1] must stand before Fuse"))
        #expect(
            try decoder(["type": "ByteFallback"], ["type": "ByteLevel"]).contains("decoder.decoders[1] is a ByteLevel"))
        #expect(
            try decoder(["type": "ByteLevel"], ["type": "Strip", "content": " ", "start": 1, "stop": 0]).contains(
                "decoder.decoders[1] stands after ByteLevel"))
        #expect(
            try decoder(["type": "Strip", "content": "", "start": 1, "stop": 0]).contains(
                "decoder.decoders[0].content is \"\""))
        #expect(
            try decoder(["type": "Replace", "pattern": ["String": ""], "content": " "]).contains(
                "decoder.decoders[0].pattern is empty"))
    }
}
