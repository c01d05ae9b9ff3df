/// The YAML front matter of a Markdown file; only a one-line title is read from it.
///
/// It begins with `---` on the first line followed by a key, and ends at the next line `---` or `...`. Without that
/// end, it is text.
struct FrontMatter {
    /// Nil when it has none.
    private(set) var title: String?
    /// Including both delimiters.
    let lineCount: Int

    init?(_ lines: [String]) {
        guard lines.first.map(Self.isMark) == true,
            let end = lines.indices.dropFirst().first(where: { Self.isMark(lines[$0]) || lines[$0] == "..." })
        else { return nil }
        let inside = lines[1..<end]
        let first = inside.first { !$0.allSatisfy(\.isWhitespace) && !$0.hasPrefix("#") }
        guard first.map({ Self.entry($0) != nil }) ?? true else { return nil }
        lineCount = end + 1
        for line in inside {
            if let entry = Self.entry(line), entry.key == "title" { title = Self.scalar(entry.value) }
        }
    }

    private static func isMark(_ line: String) -> Bool {
        line.hasPrefix("---") && line.dropFirst(3).allSatisfy(\.isWhitespace)
    }

    /// Key and value of a line `key: value`; the value may be empty.
    private static func entry(_ line: String) -> (key: Substring, value: Substring)? {
        guard let colon = line.firstIndex(of: ":"), colon > line.startIndex else { return nil }
        let (key, value) = (line[..<colon], line[line.index(after: colon)...])
        guard key.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" }),
            value.first?.isWhitespace ?? true
        else { return nil }
        return (key, value)
    }

    /// A scalar on one line, plain or quoted; nil for anything else.
    private static func scalar(_ value: Substring) -> String? {
        let text = trimmed(value)
        guard let first = text.first else { return nil }
        if first == "'" || first == "\"" { return quoted(text.dropFirst(), by: first) }
        guard !"|>[{&*!#%@`".contains(first) else { return nil }
        var end = text.startIndex
        // A comment begins with # after white space.
        while end < text.endIndex {
            if text[end] == "#", text[text.index(before: end)].isWhitespace { break }
            end = text.index(after: end)
        }
        let plain = trimmed(text[..<end])
        return plain.isEmpty ? nil : String(plain)
    }

    private static func quoted(_ text: Substring, by mark: Character) -> String? {
        var result = ""
        var rest = text
        while let next = rest.popFirst() {
            if next == mark {
                guard mark == "'", rest.first == mark else { return result.isEmpty ? nil : result }
                rest.removeFirst()
            } else if next == "\\", mark == "\"", let escaped = rest.first, escaped == "\"" || escaped == "\\" {
                result.append(escaped)
                rest.removeFirst()
                continue
            }
            result.append(next)
        }
        return nil
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var rest = text.drop(while: \.isWhitespace)
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return rest
    }
}
