/// Columns of a help text.
private let width = 120

/// `words` apart by spaces, in lines for a terminal.
///
/// - Parameters:
///   - start: columns of the first line that are taken.
///   - indent: spaces before each further line.
func wrapped(_ words: [some StringProtocol], after start: Int = 0, indent: Int = 0) -> String {
    var text = ""
    var column = start
    for word in words {
        if text.isEmpty {
            text += word
        } else if column + 1 + word.count <= width {
            text += " " + word
            column += 1
        } else {
            text += "\n" + String(repeating: " ", count: indent) + word
            column = indent
        }
        column += word.count
    }
    return text
}

/// `text` with its own ends of lines, but for lines that are too long: what they have too much flows into the next one,
/// unless they end a sentence. Indented lines stay as they are.
func wrapped(paragraphs text: String) -> String {
    var lines: [String] = []
    var rest: String?
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
        guard !line.isEmpty, !line.hasPrefix(" ") else {
            lines += [rest, line].compactMap { $0 }
            rest = nil
            continue
        }
        let joined = rest.map { $0 + " " + line } ?? line
        guard joined.count > width else {
            lines.append(joined)
            rest = nil
            continue
        }
        var parts = wrapped(joined.split(separator: " ")).split(separator: "\n").map(String.init)
        rest = line.hasSuffix(".") || line.hasSuffix(":") ? nil : parts.removeLast()
        lines += parts
    }
    return (lines + [rest].compactMap { $0 }).joined(separator: "\n")
}
