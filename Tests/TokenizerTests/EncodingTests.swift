import Core
import TestSupport
import Testing

@testable import Tokenizer

@Suite("Encoding")
struct EncodingTests {
    /// Merges the leftmost pair of lowest rank until there is none: the definition, quadratic.
    private func merged(_ bytes: [UInt8], _ merges: [(String, String)]) -> [String] {
        var symbols = bytes.map { String(ByteAlphabet.scalars[Int($0)]) }
        while true {
            var best: (rank: Int, place: Int)?
            for place in symbols.indices.dropLast() {
                let pair = (symbols[place], symbols[place + 1])
                if let rank = merges.lastIndex(where: { $0 == pair }), rank < best?.rank ?? .max {
                    best = (rank, place)
                }
            }
            guard let best else { return symbols }
            symbols[best.place] += symbols.remove(at: best.place + 1)
        }
    }

    @Test(
        "words of every length merge as the definition says", arguments: [1, 2, 3, 5, 8, 31, 63, 64, 65, 66, 100, 300])
    func merging(_ length: Int) throws {
        let merges = [
            ("a", "b"), ("b", "a"), ("ab", "a"), ("a", "a"), ("ab", "ba"), ("aba", "aba"), ("c", "aa"), ("b", "b"),
            ("bb", "c"),
        ]
        var file = SmallFile(merges: merges)
        file.preTokenizers = [["type": "ByteLevel", "add_prefix_space": false, "use_regex": false]]
        let tokenizer = try file.tokenizer()
        var random = SeededGenerator(seed: UInt64(length))
        for _ in 0..<20 {
            let bytes = (0..<length).map { _ in "aabbc".utf8.randomElement(using: &random) ?? 0 }
            let expected = merged(bytes, merges).map { tokenizer.id(of: $0) }
            let text = String(decoding: bytes, as: UTF8.self)
            // Twice: the second time short words come from the cache.
            #expect(try tokenizer.encode(text, specialTokens: .plain, addingTemplate: false) == expected)
            #expect(try tokenizer.encode(text, specialTokens: .plain, addingTemplate: false) == expected)
        }
    }

    @Test("a word of a megabyte is encoded, and decodes to itself")
    func longWord() throws {
        let tokenizer = try SmallFile().tokenizer()
        let word = String(repeating: "a", count: 1_000_003)
        let ids = try tokenizer.encode(word, specialTokens: .plain, addingTemplate: false)
        #expect(ids.count == 250_002)
        #expect(try tokenizer.decode(ids) == word)
    }

    @Test("with ignore_merges a word of the vocabulary is one token even where merges cannot make it")
    func ignoreMerges() throws {
        var file = SmallFile()
        var vocabulary = try #require(file.model["vocab"] as? [String: Int])
        vocabulary["xyz"] = 900
        file.model["vocab"] = vocabulary
        #expect(try file.tokenizer().encode("xyz", specialTokens: .plain, addingTemplate: false).count == 3)
        file.model["ignore_merges"] = true
        #expect(try file.tokenizer().encode("xyz", specialTokens: .plain, addingTemplate: false) == [900])
    }

    @Test("the template's ids stand around a text only when asked for")
    func template() throws {
        let file = SmallFile()
        let tokenizer = try file.tokenizer()
        let begin = Int32(file.begin)
        #expect(try tokenizer.encode("", specialTokens: .plain, addingTemplate: true) == [begin])
        #expect(try tokenizer.encode("", specialTokens: .plain, addingTemplate: false) == [])
        #expect(tokenizer.vocabularySize == file.begin + 2)
        #expect(tokenizer.id(of: "<s>") == begin)
        #expect(tokenizer.isSpecial(begin))
    }

    @Test("written special tokens are their ids when recognised and text when plain")
    func specialTokens() throws {
        let file = SmallFile()
        let tokenizer = try file.tokenizer()
        let text = "the<s><s></s> the"
        let recognised = try tokenizer.encode(text, specialTokens: .recognised, addingTemplate: false)
        let begin = Int32(file.begin)
        #expect(recognised == [257, begin, begin, begin + 1, 258])
        let plain = try tokenizer.encode(text, specialTokens: .plain, addingTemplate: false)
        #expect(!plain.contains(begin) && !plain.contains(begin + 1))
        #expect(try tokenizer.decode(plain) == text)
        #expect(try tokenizer.decode(recognised) == "the the")
        #expect(try tokenizer.decode(recognised, skippingSpecialTokens: false) == text)
    }

    @Test("any text comes back from its ids")
    func roundTrip() throws {
        let tokenizer = try SmallFile().tokenizer()
        var random = SeededGenerator(seed: 3)
        for _ in 0..<200 {
            var text = ""
            for _ in 0..<Int.random(in: 0...40, using: &random) {
                let limit: UInt32 = [0x80, 0x300, 0x3000, 0x11_0000].randomElement(using: &random) ?? 0x80
                if let scalar = Unicode.Scalar(UInt32.random(in: 0..<limit, using: &random)) {
                    text.unicodeScalars.append(scalar)
                }
            }
            let ids = try tokenizer.encode(text, specialTokens: .plain, addingTemplate: false)
            #expect(Array(try tokenizer.decode(ids).utf8) == Array(text.utf8))
        }
    }

    @Test("calls from many threads at once agree")
    func threads() async throws {
        let tokenizer = try SmallFile().tokenizer()
        let text = String(repeating: "the aaaa б 東 <s> ", count: 200)
        let expected = try tokenizer.encode(text, specialTokens: .recognised, addingTemplate: true)
        try await withThrowingTaskGroup(of: [Int32].self) { group in
            for _ in 0..<16 {
                group.addTask { try tokenizer.encode(text, specialTokens: .recognised, addingTemplate: true) }
            }
            for try await ids in group { #expect(ids == expected) }
        }
    }

    @Test("a pattern that backtracks without end is an error")
    func catastrophicPattern() throws {
        var file = SmallFile()
        file.preTokenizers.insert(
            ["type": "Split", "pattern": ["Regex": "(?:x+x+)+(?:y|z{2})"], "behavior": "Isolated"], at: 0)
        let tokenizer = try file.tokenizer()
        let error = #expect(throws: ImpRAGError.self) {
            try tokenizer.encode(String(repeating: "x", count: 64) + "z", specialTokens: .plain, addingTemplate: false)
        }
        #expect(error?.code == .resourceExhausted)
    }
}
