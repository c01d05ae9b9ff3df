internal import Core
internal import Stemmer

/// Splits texts into terms; one owner.
///
/// Linear in the text's bytes, whatever they are.
public struct WordAnalyzer: ~Copyable {
    /// A longer run of letters and digits is not a word, and is skipped.
    package static let termLimitBytes = 255

    public let analysis: WordAnalysis
    private var stemmer: Stemmer?
    private var cache: TermCache?
    private var term: [UInt8] = []

    /// - Parameter remembers: caches the terms of frequent words (1.2 MiB); for many texts.
    public init(_ analysis: WordAnalysis, remembers: Bool = false) {
        self.analysis = analysis
        stemmer = analysis == .english ? Stemmer("porter") : nil
        cache = remembers ? TermCache() : nil
    }

    /// Title and text of a passage, as one field.
    public static func text(title: String, text: String) -> String { title.isEmpty ? text : title + "\n" + text }

    /// The first `limit` distinct terms of `text`, in order of appearance.
    public mutating func distinctTerms(of text: String, limit: Int) -> [String] {
        var terms: [String] = []
        var seen: Set<[UInt8]> = []
        forEachTerm(of: text) { term in
            if terms.count < limit, seen.insert(term).inserted { terms.append(String(decoding: term, as: UTF8.self)) }
        }
        return terms
    }

    /// Which of the query's `terms` are in `title`.
    public mutating func match(title: String, _ terms: [String]) -> TitleTerms {
        let own = Set(distinctTerms(of: title, limit: .max))
        return TitleTerms(terms: terms.indices.filter { own.contains(terms[$0]) }, count: own.count)
    }

    /// Lends every term of `text` to `body`, in order.
    public mutating func forEachTerm(of text: String, _ body: ([UInt8]) -> Void) {
        let bytes = Array(text.utf8)
        var start = 0
        /// The end of the current word so far; nil between words.
        var end: Int?
        var last = WordKind.other
        /// A character that joins the word to the next character, if that fits.
        var joint: WordKind?
        var place = 0
        while place < bytes.count {
            let (kind, next) = Self.kind(bytes, at: place)
            defer { place = next }
            let continues =
                switch kind {
                case .mark: end != nil && joint == nil
                case .letter:
                    joint.map { last == .letter && $0 != .betweenDigits }
                        ?? (last == .letter || last == .digit || last == .connector)
                case .digit:
                    joint.map { last == .digit && $0 != .betweenLetters }
                        ?? (last == .letter || last == .digit || last == .connector)
                case .katakana: joint == nil && (last == .katakana || last == .connector)
                case .connector:
                    joint == nil && (last == .letter || last == .digit || last == .katakana || last == .connector)
                default: false
                }
            if continues, end != nil {
                end = next
                joint = nil
                if kind != .mark { last = kind }
                continue
            }
            if kind == .between || kind == .betweenLetters || kind == .betweenDigits, end != nil, joint == nil {
                joint = kind
                continue
            }
            if let end { take(bytes, start..<end, body) }
            end = nil
            joint = nil
            last = .other
            switch kind {
            case .letter, .digit, .single, .katakana, .connector:
                start = place
                end = next
                last = kind
            default: break
            }
        }
        if let end { take(bytes, start..<end, body) }
    }

    // MARK: Private

    /// The character at `place`, and the place of the next.
    @inline(__always)
    private static func kind(_ bytes: [UInt8], at place: Int) -> (WordKind, next: Int) {
        let first = bytes[place]
        if first < 0x80 { return (WordKind.of(ascii: first), place + 1) }
        return wideKind(bytes, at: place)
    }

    private static func wideKind(_ bytes: [UInt8], at place: Int) -> (WordKind, next: Int) {
        let first = UInt32(bytes[place])
        let count = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
        // A string's UTF-8 is valid; anything else ends a word.
        guard first >= 0xC0, place + count <= bytes.count else { return (.other, place + 1) }
        var value = first & (0x7F >> UInt32(count))
        for offset in 1..<count { value = value << 6 | UInt32(bytes[place + offset] & 0x3F) }
        return (Unicode.Scalar(value).map(WordKind.of) ?? .other, place + count)
    }

    /// Turns a word into a term and passes it to `body`, unless it is dropped.
    private mutating func take(_ bytes: [UInt8], _ word: Range<Int>, _ body: ([UInt8]) -> Void) {
        guard word.count <= Self.termLimitBytes else { return }
        let hash = TermCache.hash(bytes, word)
        if cache?.find(bytes, word, hash: hash, term: &term) != true {
            makeTerm(bytes[word])
            cache?.keep(term, of: bytes, word, hash: hash)
        }
        if !term.isEmpty { body(term) }
    }

    /// Leaves `term` empty when the word is dropped.
    private mutating func makeTerm(_ word: ArraySlice<UInt8>) {
        term.removeAll(keepingCapacity: true)
        var isASCII = true
        var isWord = false
        for byte in word {
            isASCII = isASCII && byte < 0x80
            isWord = isWord || byte != UInt8(ascii: "_")
            term.append(byte &- UInt8(ascii: "A") < 26 ? byte + 32 : byte)
        }
        guard isWord else {
            term.removeAll(keepingCapacity: true)
            return
        }
        if !isASCII { term = WordFolding.fold(String(decoding: word, as: UTF8.self)) }
        if analysis == .english { makeEnglish() }
        if term.count > Self.termLimitBytes { term.removeAll(keepingCapacity: true) }
    }

    private mutating func makeEnglish() {
        if term.count > 2, term.last == UInt8(ascii: "s"), term[term.count - 2] == UInt8(ascii: "'") {
            term.removeLast(2)
        }
        guard !WordAnalysis.stopWords.contains(term) else {
            term.removeAll(keepingCapacity: true)
            return
        }
        // The stemmer knows no other letters.
        if term.allSatisfy({ $0 &- UInt8(ascii: "a") < 26 }) { stemmer?.stem(&term) }
    }
}
