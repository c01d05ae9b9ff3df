import Foundation
import TestSupport

/// A `tokenizer.json` of 256 bytes and what is added to them.
struct TinyTokenizer {
    /// Contents and ids beyond the bytes' 0 … 255; special.
    var added: [(content: String, id: Int)] = [("<s>", 256), ("</s>", 257)]

    func write(to directory: TemporaryDirectory) throws {
        var vocabulary: [String: Int] = [:]
        for byte in 0..<256 { vocabulary[String(Self.scalar(byte))] = byte }
        let file: [String: Any] = [
            "version": "1.0", "normalizer": NSNull(), "decoder": ["type": "ByteLevel"], "post_processor": NSNull(),
            "pre_tokenizer": ["type": "ByteLevel", "add_prefix_space": false, "use_regex": true],
            "model": ["type": "BPE", "vocab": vocabulary, "merges": [String]()],
            "added_tokens": added.map { ["id": $0.id, "content": $0.content, "special": true] },
        ]
        try JSONSerialization.data(withJSONObject: file).write(to: URL(filePath: directory.file("tokenizer.json")))
    }

    /// GPT-2's letter for a byte: itself where it is printable, the next free one from U+0100 on otherwise.
    private static func scalar(_ byte: Int) -> Unicode.Scalar {
        func isPrintable(_ byte: Int) -> Bool {
            (33...126).contains(byte) || (161...172).contains(byte) || (174...255).contains(byte)
        }
        let place = isPrintable(byte) ? byte : 256 + (0..<byte).count { !isPrintable($0) }
        return Unicode.Scalar(UInt32(place)) ?? " "
    }
}
