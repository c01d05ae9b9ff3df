import Foundation
import TestSupport

@testable import Tokenizer

/// A `tokenizer.json` small enough to think through: ids 0 … 255 are the bytes, then come the merges' products in
/// order, then `<s>` and `</s>`, which are special; `<s>` is put in front of a text.
struct SmallFile {
    var model: [String: Any]
    var addedTokens: [[String: Any]] = []
    var preTokenizers: [[String: Any]]
    var other: [String: Any]
    /// The id of `<s>`; `</s>` has the next.
    let begin: Int

    init(merges: [(String, String)] = [("t", "h"), ("th", "e"), ("Ġ", "the"), ("a", "a"), ("aa", "aa")]) {
        var vocabulary: [String: Int] = [:]
        for (byte, scalar) in ByteAlphabet.scalars.enumerated() { vocabulary[String(scalar)] = byte }
        for merge in merges { vocabulary[merge.0 + merge.1] = vocabulary.count }
        begin = vocabulary.count
        model = ["type": "BPE", "vocab": vocabulary, "merges": merges.map { "\($0.0) \($0.1)" }]
        preTokenizers = [["type": "ByteLevel", "add_prefix_space": false, "use_regex": true]]
        other = [
            "version": "1.0", "normalizer": NSNull(), "decoder": ["type": "ByteLevel"],
            "post_processor": [
                "type": "TemplateProcessing",
                "single": [["SpecialToken": ["id": "<s>", "type_id": 0]], ["Sequence": ["id": "A", "type_id": 0]]],
                "special_tokens": ["<s>": ["id": "<s>", "ids": [begin], "tokens": ["<s>"]]],
            ],
        ]
        add("<s>", isSpecial: true)
        add("</s>", isSpecial: true)
    }

    /// Adds a token with the next free id; `options` are fields such as `lstrip`.
    mutating func add(_ content: String, isSpecial: Bool = false, _ options: [String: Any] = [:]) {
        var token: [String: Any] = ["id": begin + addedTokens.count, "content": content, "special": isSpecial]
        token.merge(options) { $1 }
        addedTokens.append(token)
    }

    func bytes() throws -> Data {
        var all = other
        all["model"] = model
        all["added_tokens"] = addedTokens
        all["pre_tokenizer"] =
            preTokenizers.count == 1 ? preTokenizers[0] : ["type": "Sequence", "pretokenizers": preTokenizers]
        return try JSONSerialization.data(withJSONObject: all, options: [.sortedKeys])
    }

    func tokenizer() throws -> Tokenizer { try Self.tokenizer(try bytes()) }

    static func tokenizer(_ bytes: Data) throws -> Tokenizer {
        let directory = try TemporaryDirectory()
        let path = directory.file("tokenizer.json")
        try bytes.write(to: URL(filePath: path))
        return try Tokenizer(path: path)
    }
}
