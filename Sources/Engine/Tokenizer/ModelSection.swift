import Core

/// The `model` of a `tokenizer.json`, read straight into tables.
struct ModelSection {
    private let path: String
    /// Content to id; the added tokens are not in it yet.
    private(set) var contents = TokenTable()
    private(set) var merges = MergeTable()
    private var settings: [String: JSONValue] = [:]

    /// Reads the object at which `scanner` stands.
    init(_ scanner: inout JSONScanner) throws(ImpRAGError) {
        path = scanner.path
        var hasVocabulary = false
        // Merges name tokens: where they stand before the vocabulary, they are read after it.
        var mergesOffset: Int?
        var hasMerges = false
        try scanner.readObject("model") { (key: String, scanner: inout JSONScanner) throws(ImpRAGError) in
            switch key {
            case "vocab" where !hasVocabulary:
                guard try scanner.peek() != UInt8(ascii: "[") else {
                    throw ImpRAGError(
                        .invalidArgument,
                        "\(scanner.path): model.vocab must be an object; it is a list, as Unigram's are, and only BPE is supported"
                    )
                }
                try self.readVocabulary(&scanner)
                hasVocabulary = true
            case "merges" where !hasMerges && mergesOffset == nil:
                if hasVocabulary {
                    try self.readMerges(&scanner)
                    hasMerges = true
                } else {
                    _ = try scanner.peek()
                    mergesOffset = scanner.offset
                    try scanner.skipValue()
                }
            default:
                let value = try scanner.readValue()
                guard key != "vocab", key != "merges", self.settings.updateValue(value, forKey: key) == nil else {
                    throw ImpRAGError(.invalidArgument, "\(scanner.path): model.\(key) stands twice")
                }
            }
        }
        try checkSettings()
        guard hasVocabulary else { throw ImpRAGError(.invalidArgument, "\(path): model.vocab is missing") }
        if let mergesOffset {
            let end = scanner.offset
            scanner.seek(to: mergesOffset)
            try readMerges(&scanner)
            scanner.seek(to: end)
        } else if !hasMerges {
            throw ImpRAGError(.invalidArgument, "\(path): model.merges is missing")
        }
    }

    private func setting(_ key: String) -> JSONField {
        JSONField(path: path, name: "model.\(key)", value: settings[key] ?? .null)
    }

    /// Refuses what would change ids and is not built.
    private func checkSettings() throws(ImpRAGError) {
        if !setting("type").isNull {
            let type = try setting("type").string()
            guard type == "BPE" else { throw setting("type").failure("is \"\(type)\"; only BPE is supported") }
        }
        if let dropout = setting("dropout").value.double, dropout != 0 {
            throw setting("dropout").failure("is \(dropout); random merges are not supported, it must be null")
        }
        for key in ["continuing_subword_prefix", "end_of_word_suffix"] where !setting(key).isNull {
            guard try setting(key).string().isEmpty else {
                throw setting(key).failure("is not supported; it must be null or empty")
            }
        }
        for key in ["byte_fallback", "fuse_unk", "ignore_merges"] { _ = try setting(key).bool(absent: false) }
    }

    /// The model over bytes (`isByteLevel`: words are written in the alphabet of bytes) or over characters.
    func bytePairModel(isByteLevel: Bool) throws(ImpRAGError) -> BytePairModel {
        let ignoresMerges = try setting("ignore_merges").bool(absent: false)
        if isByteLevel {
            return BytePairModel(
                symbols: .bytes(try byteIDs()), merges: merges, wholeWords: ignoresMerges ? wholeWords : nil,
                cutsAtMarks: false)
        }
        let table = CharacterTable(
            contents, byteFallback: try setting("byte_fallback").bool(absent: false), unknown: try unknownID(),
            fusesUnknown: try setting("fuse_unk").bool(absent: false))
        return BytePairModel(
            symbols: .characters(table), merges: merges, wholeWords: ignoresMerges ? contents : nil,
            cutsAtMarks: !ignoresMerges && marksStartTokens)
    }

    /// Whether SentencePiece's mark is a token, and stands in none behind another character.
    private var marksStartTokens: Bool {
        let mark = BytePairModel.mark
        guard contents.id(of: mark.span, 0..<mark.count) != nil else { return false }
        for entry in 0..<contents.count {
            let token = Array(contents[entry].string)
            var place = 0
            while place < token.count, token.span.starts(with: mark, at: place) { place += mark.count }
            while place < token.count {
                if token.span.starts(with: mark, at: place) { return false }
                place += 1
            }
        }
        return true
    }

    private func unknownID() throws(ImpRAGError) -> Int32 {
        if setting("unk_token").isNull { return -1 }
        let content = Array(try setting("unk_token").string().utf8)
        guard let id = contents.id(of: content.span, 0..<content.count) else {
            throw setting("unk_token").failure(
                "is \"\(String(decoding: content, as: UTF8.self))\", which is not in model.vocab; it must be a "
                    + "token or null"
            )
        }
        return id
    }

    /// The tokens that can be a word of a byte-level model, under the bytes of the word.
    private var wholeWords: TokenTable {
        var words = TokenTable()
        var word: [UInt8] = []
        for entry in 0..<contents.count {
            word.removeAll(keepingCapacity: true)
            let token = contents[entry]
            if ByteAlphabet.appendBytes(of: token.string, to: &word) { _ = words.insert(word[...], id: token.id) }
        }
        return words
    }

    /// The id of each byte, -1 where there is none.
    private func byteIDs() throws(ImpRAGError) -> [Int32] {
        let fallsBack = try setting("byte_fallback").bool(absent: false)
        var ids: [Int32] = []
        for (byte, scalar) in ByteAlphabet.scalars.enumerated() {
            let content = Array(String(scalar).utf8)
            let id = contents.id(of: content.span, 0..<content.count)
            // These bytes never occur in UTF-8 (Unicode, table 3-7).
            let isNeeded = byte < 0xC0 || (0xC2...0xF4).contains(byte)
            if id == nil, isNeeded {
                // With every byte there, neither setting changes anything.
                let missing = "\"\(scalar)\" (byte \(byte)) is missing"
                if case .string(let unknown) = setting("unk_token").value, !unknown.isEmpty {
                    throw setting("unk_token").failure(
                        "is not supported with ByteLevel unless model.vocab has every byte; \(missing)")
                }
                if fallsBack {
                    throw setting("byte_fallback").failure(
                        "is not supported with ByteLevel unless model.vocab has every byte; \(missing)")
                }
            }
            ids.append(id ?? -1)
        }
        return ids
    }

    // The readers below work on locals: a call on `self` inside a closure copies all of it each time.

    private mutating func readVocabulary(_ scanner: inout JSONScanner) throws(ImpRAGError) {
        var contents = TokenTable()
        var content: [UInt8] = []
        try scanner.readMembers("model.vocab") { (scanner: inout JSONScanner) throws(ImpRAGError) in
            content.removeAll(keepingCapacity: true)
            try scanner.readKey(into: &content)
            let id = try scanner.readID("model.vocab[\"\(String(decoding: content, as: UTF8.self))\"]")
            guard contents.insert(content[...], id: id) else {
                throw scanner.failure(
                    "model.vocab holds the token \"\(String(decoding: content, as: UTF8.self))\" twice")
            }
        }
        self.contents = contents
    }

    private mutating func readMerges(_ scanner: inout JSONScanner) throws(ImpRAGError) {
        let contents = contents
        var merges = MergeTable(expectedCount: contents.count * 2)
        // Left token, right token, one after the other: together they are the product.
        var pair: [UInt8] = []
        try scanner.readArray("model.merges") { (scanner: inout JSONScanner) throws(ImpRAGError) in
            let number = merges.count
            func id(_ range: Range<Int>) throws(ImpRAGError) -> Int32 {
                if let id = contents.id(of: pair.span, range) { return id }
                let name = String(decoding: pair[range], as: UTF8.self)
                throw scanner.failure(
                    "model.merges[\(number)] needs the token \"\(name)\", which is not in model.vocab")
            }
            pair.removeAll(keepingCapacity: true)
            let middle = try Self.readPair(&scanner, number, into: &pair)
            let left = try id(0..<middle)
            let right = try id(middle..<pair.count)
            merges.append(left, right, product: try id(0..<pair.count))
        }
        self.merges = merges
    }

    /// Reads `"a b"` or `["a", "b"]`, which is merge `number`, into `pair` without what parts them; where the second
    /// token starts.
    private static func readPair(
        _ scanner: inout JSONScanner, _ number: Int, into pair: inout [UInt8]
    ) throws(ImpRAGError) -> Int {
        if try scanner.peek() == UInt8(ascii: "[") {
            var middle = 0
            var count = 0
            try scanner.readArray("model.merges") { (scanner: inout JSONScanner) throws(ImpRAGError) in
                middle = pair.count
                count += 1
                try scanner.readString("model.merges[\(number)][\(count - 1)]", into: &pair)
            }
            guard count == 2 else {
                throw scanner.failure("model.merges[\(number)] has \(count) tokens; it must have two")
            }
            return middle
        }
        try scanner.readString("model.merges[\(number)]", into: &pair)
        guard let space = pair.firstIndex(of: UInt8(ascii: " ")), pair.lastIndex(of: UInt8(ascii: " ")) == space else {
            throw scanner.failure("model.merges[\(number)] must be two tokens with one space between")
        }
        pair.remove(at: space)
        return space
    }
}
