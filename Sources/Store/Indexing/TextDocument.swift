internal import Core
internal import Platform

/// Reads a file that is one document, like those in corpus directories.
///
/// Lines end at LF or CR LF. Blank lines around a section's text, and trailing white space, are dropped; all else is
/// kept. Metadata: `path`, and in Markdown `section`, the list of headings above the text, if there are any.
enum TextDocument {
    /// Limit of a file, and so of a line.
    static let limitBytes = FileLineReader.defaultLimitBytes

    /// Reads the file at `path`.
    ///
    /// - Parameter name: its path below the corpus directory.
    /// - Throws: `invalidArgument` naming file and line when it is not UTF-8, holds a NUL byte or is too large, and
    ///   what reading throws.
    static func read(_ path: String, name: String) throws(ImpRAGError) -> SourceDocument {
        let lines = try lines(of: path)
        let fileName = name.split(separator: "/").last.map(String.init) ?? name
        let stem = fileName.lastIndex(of: ".").map { String(fileName[..<$0]) } ?? fileName
        guard CorpusFiles.isMarkdown(name) else {
            return SourceDocument(id: name, title: stem, text: text(of: lines[...]), metadata: ["path": .string(name)])
        }
        let markdown = MarkdownText(lines)
        let sections = markdown.sections.map { section in
            var metadata: [ByteString: MetadataValue] = ["path": .string(name)]
            if !section.headings.isEmpty { metadata["section"] = .strings(section.headings) }
            return SourceDocument.Section(
                title: SourceDocument.heading(markdown.title ?? stem, section.headings.joined(separator: ": ")),
                text: text(of: section.lines[...]), metadata: metadata)
        }
        return SourceDocument(id: name, sections: sections)
    }

    private static func lines(of path: String) throws(ImpRAGError) -> [String] {
        var reader = FileLineReader(try FileByteReader(path: path, decompressing: false))
        var lines: [String] = []
        var bytes = 0
        while let line = try reader.next() {
            func bad(_ what: String) -> ImpRAGError { ImpRAGError(.invalidArgument, "\(path):\(line.number): \(what)") }
            bytes += line.byteCount + 1
            guard bytes <= limitBytes else {
                throw bad("the file has more than \(ByteCount(limitBytes)), which is the limit of one document")
            }
            guard !line.bytes.contains(0) else { throw bad("the line holds a NUL byte: this is no text") }
            var text = try line.text(in: path)[...]
            if text.utf8.last == 0x0D { text.unicodeScalars.removeLast() }
            lines.append(String(text))
        }
        guard bytes > 0 else {
            throw ImpRAGError(.invalidArgument, "\(path) is empty: it holds no document")
        }
        return lines
    }

    private static func text(of lines: ArraySlice<String>) -> String {
        var rest = lines.drop { $0.allSatisfy(\.isWhitespace) }
        while let last = rest.last, last.allSatisfy(\.isWhitespace) { rest.removeLast() }
        var text = rest.joined(separator: "\n")
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
