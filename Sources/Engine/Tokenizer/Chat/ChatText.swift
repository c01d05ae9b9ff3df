/// A character that a chat template works on. Two are equal when their scalars are, wherever they come from.
struct ChatCharacter: Equatable, Sendable {
    let scalar: Unicode.Scalar
    /// Whether it comes from a message: special tokens made of such characters are ordinary text.
    let isData: Bool

    static func == (left: ChatCharacter, right: ChatCharacter) -> Bool { left.scalar == right.scalar }

    /// `str.isspace` of Python.
    var isSpace: Bool { scalar.properties.isWhitespace || (0x1C...0x1F).contains(scalar.value) }
}

/// A string of the template language: Python's, whose characters are Unicode scalars. Each carries its origin, so that
/// no operation can lose it.
typealias ChatText = [ChatCharacter]

extension ChatText {
    /// Text of the template itself.
    init(template text: String) { self = text.unicodeScalars.map { ChatCharacter(scalar: $0, isData: false) } }

    /// Text of a message.
    init(data text: String) { self = text.unicodeScalars.map { ChatCharacter(scalar: $0, isData: true) } }

    var string: String {
        var text = String.UnicodeScalarView()
        for character in self { text.append(character.scalar) }
        return String(text)
    }

    /// Without what `isDropped` says of its ends.
    func trimmed(
        left: Bool = true, right: Bool = true, where isDropped: (ChatCharacter) -> Bool = { $0.isSpace }
    ) -> ChatText {
        var rest = self[...]
        if left { rest = rest.drop(while: isDropped) }
        if right {
            while let last = rest.last, isDropped(last) { rest.removeLast() }
        }
        return ChatText(rest)
    }

    /// The parts between the places where `separator`, which is not empty, stands; at most `limit` of these count.
    func split(at separator: ChatText, limit: Int = .max) -> [ChatText] {
        var parts: [ChatText] = []
        var start = startIndex
        while parts.count < limit, let place = firstIndex(of: separator, from: start) {
            parts.append(ChatText(self[start..<place]))
            start = place + separator.count
        }
        parts.append(ChatText(self[start...]))
        return parts
    }

    /// The words between white space.
    func splitAtSpaces() -> [ChatText] { split(whereSeparator: \.isSpace).map { ChatText($0) } }

    /// Where `text`, which is not empty, stands next.
    func firstIndex(of text: ChatText, from start: Int = 0) -> Int? {
        guard text.count <= count - start else { return nil }
        return (start...count - text.count).first { self[$0] == text[0] && self[$0...].starts(with: text) }
    }

    /// Each character replaced by those of `mapping`, which come from where it came from.
    func mapped(_ mapping: (Unicode.Scalar.Properties) -> String) -> ChatText {
        flatMap { character in
            mapping(character.scalar.properties).unicodeScalars.map {
                ChatCharacter(scalar: $0, isData: character.isData)
            }
        }
    }

    /// The first character of each word large, the others small.
    ///
    /// - Parameter isBreak: whether a word may begin after this character.
    func capitalized(after isBreak: (ChatCharacter) -> Bool) -> ChatText {
        var isFirst = true
        return flatMap { character -> ChatText in
            defer { isFirst = isBreak(character) }
            return [character].mapped { isFirst ? $0.titlecaseMapping : $0.lowercaseMapping }
        }
    }
}
