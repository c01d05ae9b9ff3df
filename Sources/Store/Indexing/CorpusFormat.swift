public import Core
internal import Platform

/// The formats of corpus files, each plain or gzip.
public enum CorpusFormat: String, Sendable, CaseIterable {
    /// One JSON object per line: `id` (string or whole number), `text`, optional `title`, and Atlas's optional
    /// `section`.
    case jsonl
    /// DPR's `psgs_w100.tsv`: a header line with `id`, `text`, `title`, tab-separated, quoted as in CSV.
    case dpr
    /// KILT's knowledge source, one JSON object per line: `wikipedia_id` or `_id`, `wikipedia_title`, `text` as a list
    /// of paragraphs.
    case kilt

    /// Detects the format of the file at `path` from its first non-blank line: a JSON object with the key
    /// `wikipedia_title` is `kilt`, any other JSON object `jsonl`, a header with the columns `id` and `text` is `dpr`.
    /// If the line does not decide, the file's name does: `.tsv`, `.jsonl` or `.json`, with or without `.gz`.
    ///
    /// - Returns: nil when the file is empty.
    /// - Throws: `invalidArgument` when neither decides, and what reading throws.
    public static func detect(path: String) throws(ImpRAGError) -> CorpusFormat? {
        var lines = try FileLineReader(path: path)
        while let line = try lines.next() {
            if line.isBlank { continue }
            let bytes = line.bytes.drop { $0 <= 0x20 }
            if bytes.first == UInt8(ascii: "{") {
                return contains(line.bytes, Array("\"wikipedia_title\"".utf8)) ? .kilt : .jsonl
            }
            let header = (try? line.text(in: path)) ?? ""
            let columns = DPRLine.columns(header)
            if columns.contains("id"), columns.contains("text") { return .dpr }
            if let separator = otherSeparator(in: header) {
                throw ImpRAGError(
                    .invalidArgument,
                    "\(path):\(line.number): the columns are separated by \(separator), and tabs are right; JSON lines and "
                        + "TSV are read, which pandas, duckdb or Python's csv make of it")
            }
            return try fromName(of: path)
        }
        return nil
    }

    /// Whether the file at `path` has no non-blank line.
    static func isEmpty(path: String) throws(ImpRAGError) -> Bool {
        var lines = try FileLineReader(path: path)
        while let line = try lines.next() {
            if !line.isBlank { return false }
        }
        return true
    }

    /// The separator of a header whose columns `id` and `text` are not separated by tabs.
    private static func otherSeparator(in header: String) -> String? {
        [(Character(","), "commas"), (";", "semicolons"), ("|", "bars")].first { mark, _ in
            let names = header.lowercased().split(separator: mark).map { $0.filter { $0.isLetter } }
            return names.contains("id") && names.contains("text")
        }?.1
    }

    private static func fromName(of path: String) throws(ImpRAGError) -> CorpusFormat {
        var name = path.lowercased()
        if name.hasSuffix(".gz") { name.removeLast(3) }
        if name.hasSuffix(".tsv") { return .dpr }
        if name.hasSuffix(".jsonl") || name.hasSuffix(".json") { return .jsonl }
        let known = allCases.map(\.rawValue).joined(separator: ", ")
        throw ImpRAGError(
            .invalidArgument,
            "\(path): the format cannot be told from the first line: it is neither a JSON object nor a header with the "
                + "columns id and text; the formats are \(known); text and Markdown are read when their directory is named"
        )
    }

    private static func contains(_ bytes: [UInt8], _ wanted: [UInt8]) -> Bool {
        guard bytes.count >= wanted.count else { return false }
        return (0...(bytes.count - wanted.count)).contains { bytes[$0..<($0 + wanted.count)].elementsEqual(wanted) }
    }
}
