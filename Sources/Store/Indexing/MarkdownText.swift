/// Markdown, split at its headings.
///
/// Headings are those of CommonMark: one to six `#`, or a paragraph underlined with `=` or `-`, but not inside code,
/// block quotes or lists. The title is that of the front matter (YAML between two lines `---` at the start, which is
/// not text), else the first heading of level 1. Thematic breaks count as blank lines.
///
/// Source: CommonMark 0.31.2, sections 4.1 to 4.5.
struct MarkdownText {
    struct Section {
        /// The headings above the text, outermost first, without the title.
        var headings: [String]
        var lines: [String] = []
    }

    /// Nil when the text has none.
    private(set) var title: String?
    /// In order; some may hold no text.
    private(set) var sections = [Section(headings: [])]

    /// Longer headings stay text: no filter could name them.
    private static let headingLimitBytes = 1024

    private var open: [(level: Int, text: String)] = []
    /// Whether a heading of level 1 can still be the title.
    private var seeksTitle = true
    private var fence: Fence?
    /// The number of trailing lines of the last section that an underline would turn into a heading.
    private var paragraphLines = 0
    /// Whether the text belongs to a list, a block quote or the like, until the next blank line.
    private var isInBlock = false

    private struct Fence {
        let mark: Character
        let count: Int
    }

    init(_ lines: [String]) {
        let front = FrontMatter(lines)
        title = front?.title
        for line in lines.dropFirst(front?.lineCount ?? 0) { add(line) }
    }

    // MARK: Lines

    private mutating func add(_ line: String) {
        let (indent, content) = Self.indented(line)
        if let open = fence {
            if indent < 4, let end = Self.fence(content), end.mark == open.mark, end.count >= open.count,
                content.allSatisfy({ $0 == open.mark || $0.isWhitespace })
            {
                fence = nil
            }
            return append(line)
        }
        if content.isEmpty
            || indent < 4 && Self.isRule(content) && !(paragraphLines > 0 && Self.underline(content) != nil)
        {
            (paragraphLines, isInBlock) = (0, false)
            return append("")
        }
        if indent >= 4 {
            // Indented code, or a continued paragraph.
            if paragraphLines > 0 { paragraphLines += 1 }
            return append(line)
        }
        if let opened = Self.fence(content) {
            fence = opened
            (paragraphLines, isInBlock) = (0, false)
            return append(line)
        }
        if let heading = Self.heading(content) { return begin(heading.level, heading.text) }
        if paragraphLines > 0, let level = Self.underline(content) {
            let text = sections[sections.count - 1].lines.suffix(paragraphLines).map { Self.trimmed($0[...]) }
                .joined(separator: " ")
            if text.utf8.count <= Self.headingLimitBytes {
                sections[sections.count - 1].lines.removeLast(paragraphLines)
                return begin(level, text)
            }
        }
        if Self.beginsBlock(content) { isInBlock = true }
        paragraphLines = isInBlock ? 0 : paragraphLines + 1
        append(line)
    }

    private mutating func append(_ line: String) {
        sections[sections.count - 1].lines.append(line)
    }

    private mutating func begin(_ level: Int, _ text: String) {
        (paragraphLines, isInBlock) = (0, false)
        while let last = open.last, last.level >= level { open.removeLast() }
        let isTitle = level == 1 && seeksTitle && (title == nil || title == text)
        if level == 1 { seeksTitle = false }
        if isTitle { title = text } else { open.append((level, text)) }
        sections.append(Section(headings: open.map(\.text)))
    }

    // MARK: What a line is

    /// The indent in columns, with tab stops of four, and the content without trailing white space.
    private static func indented(_ line: String) -> (indent: Int, content: Substring) {
        let content = line.drop { $0 == " " || $0 == "\t" }
        let indent = line[..<content.startIndex].reduce(0) { $1 == "\t" ? $0 + 4 - $0 % 4 : $0 + 1 }
        var end = content
        while end.last?.isWhitespace == true { end.removeLast() }
        return (indent, end)
    }

    private static func trimmed(_ text: Substring) -> String { String(indented(String(text)).content) }

    /// The code fence that `content` begins with.
    private static func fence(_ content: Substring) -> Fence? {
        guard let mark = content.first, mark == "`" || mark == "~" else { return nil }
        let count = content.prefix { $0 == mark }.count
        guard count >= 3, mark == "~" || !content.dropFirst(count).contains("`") else { return nil }
        return Fence(mark: mark, count: count)
    }

    private static func heading(_ content: Substring) -> (level: Int, text: String)? {
        let level = content.prefix { $0 == "#" }.count
        let rest = content.dropFirst(level)
        guard (1...6).contains(level), let next = rest.first, next == " " || next == "\t" else { return nil }
        var text = trimmed(rest)[...]
        // A closing sequence of # is not content.
        let marks = text.reversed().prefix { $0 == "#" }.count
        let before = text.dropLast(marks)
        if marks > 0, before.isEmpty || before.last == " " || before.last == "\t" { text = trimmed(before)[...] }
        guard !text.isEmpty, text.utf8.count <= headingLimitBytes else { return nil }
        return (level, String(text))
    }

    /// The level of the setext heading that `content` would underline.
    private static func underline(_ content: Substring) -> Int? {
        guard let mark = content.first, mark == "=" || mark == "-", content.allSatisfy({ $0 == mark }) else {
            return nil
        }
        return mark == "=" ? 1 : 2
    }

    /// A thematic break: three or more of one mark, with or without spaces.
    private static func isRule(_ content: Substring) -> Bool {
        guard let mark = content.first, "-*_".contains(mark) else { return false }
        return content.allSatisfy { $0 == mark || $0 == " " || $0 == "\t" } && content.count { $0 == mark } >= 3
    }

    /// Whether a block quote, list item, table row or HTML block begins.
    private static func beginsBlock(_ content: Substring) -> Bool {
        guard let first = content.first else { return false }
        if ">|<".contains(first) { return true }
        var rest = content.dropFirst()
        if first.isASCII, first.isNumber {
            rest = content.drop { $0.isASCII && $0.isNumber }
            guard rest.first == "." || rest.first == ")" else { return false }
            rest = rest.dropFirst()
        } else if !"-+*".contains(first) {
            return false
        }
        return rest.isEmpty || rest.first == " " || rest.first == "\t"
    }
}
