import Core
import TestSupport
import Testing

@testable import Tokenizer

@Suite("Decoding")
struct DecodingTests {
    /// Rust's `String::from_utf8_lossy`, written from Unicode's table 3-7: one U+FFFD for each maximal part that could
    /// have started a character, and for each byte that could not.
    private func lossy(_ bytes: [UInt8]) -> String {
        var text = ""
        var index = 0
        while index < bytes.count {
            let first = bytes[index]
            let second: ClosedRange<UInt8>
            let width: Int
            switch first {
            case 0x00...0x7F: (width, second) = (1, 0x80...0xBF)
            case 0xC2...0xDF: (width, second) = (2, 0x80...0xBF)
            case 0xE0: (width, second) = (3, 0xA0...0xBF)
            case 0xED: (width, second) = (3, 0x80...0x9F)
            case 0xE1...0xEF: (width, second) = (3, 0x80...0xBF)
            case 0xF0: (width, second) = (4, 0x90...0xBF)
            case 0xF1...0xF3: (width, second) = (4, 0x80...0xBF)
            case 0xF4: (width, second) = (4, 0x80...0x8F)
            default: (width, second) = (0, 0x80...0xBF)
            }
            var length = 1
            while length < width, index + length < bytes.count,
                (length == 1 ? second : 0x80...0xBF).contains(bytes[index + length])
            {
                length += 1
            }
            if length == width {
                text += String(decoding: bytes[index..<index + length], as: UTF8.self)
            } else {
                text += "\u{FFFD}"
            }
            index += length
        }
        return text
    }

    /// Bytes that make broken characters likely.
    private func randomIDs(_ random: inout SeededGenerator) -> [Int32] {
        let leads: [Int32] = [0xC3, 0xE0, 0xE2, 0xED, 0xEF, 0xF0, 0xF1, 0xF4, 0xF5, 0xC0, 0xFF]
        return (0..<Int.random(in: 0...24, using: &random)).map { _ in
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<5: Int32.random(in: 0x80...0xBF, using: &random)
            case 5..<8: leads.randomElement(using: &random) ?? 0x41
            default: Int32.random(in: 0x20...0x7E, using: &random)
            }
        }
    }

    @Test("invalid UTF-8 becomes U+FFFD exactly as Rust's from_utf8_lossy does it")
    func replacement() throws {
        let tokenizer = try SmallFile().tokenizer()
        var random = SeededGenerator(seed: 11)
        for _ in 0..<3000 {
            let ids = randomIDs(&random)
            let expected = lossy(ids.map { UInt8($0) })
            #expect(Array(try tokenizer.decode(ids).utf8) == Array(expected.utf8))
        }
    }

    @Test("what the stream decoder gives, joined, is the decoded text, and every part is whole characters")
    func streaming() throws {
        let file = SmallFile()
        let tokenizer = try file.tokenizer()
        var random = SeededGenerator(seed: 12)
        for _ in 0..<2000 {
            var ids = randomIDs(&random)
            if Bool.random(using: &random) {
                ids.insert(Int32(file.begin), at: Int.random(in: 0...ids.count, using: &random))
            }
            var stream = tokenizer.makeStreamDecoder()
            var joined: [UInt8] = []
            for id in ids { joined += Array(try stream.append(id).utf8) }
            joined += Array(stream.finish().utf8)
            #expect(joined == Array(try tokenizer.decode(ids).utf8))
        }
    }

    @Test("a character of four tokens appears when its last token has come")
    func heldBack() throws {
        var stream = try SmallFile().tokenizer().makeStreamDecoder()
        #expect(try ["😀"].flatMap { try $0.utf8.map { try stream.append(Int32($0)) } } == ["", "", "", "😀"])
        #expect(try stream.append(0xE2) == "")
        #expect(stream.finish() == "\u{FFFD}")
        #expect(stream.finish() == "")
    }

    @Test("an id outside the vocabulary is an invalid argument", arguments: [-1, 263, Int32.max, Int32.min])
    func unknownID(_ id: Int32) throws {
        let tokenizer = try SmallFile().tokenizer()
        #expect(tokenizer.vocabularySize == 263)
        #expect(throws: ImpRAGError.self) { try tokenizer.decode([id]) }
        var stream = tokenizer.makeStreamDecoder()
        let error = #expect(throws: ImpRAGError.self) { _ = try stream.append(id) }
        #expect(error?.code == .invalidArgument)
    }
}
