public import Core
internal import Foundation
internal import Platform

/// Reads the documents of corpus files, one after the other, with bounded memory; one owner.
///
/// A line ends only at LF. Blank lines are passed over. A bad line (not UTF-8, not of the format, longer than 16 MiB, a
/// missing id, a text without a word, an over-long id or passage) ends the reading with file and line, or is counted
/// and passed over where the caller asked for that. What concerns a whole file (not there, cut-off gzip, no header,
/// unknown format) always ends it.
public struct CorpusReader {
    /// Bytes of a document's id.
    public static let idLimitBytes = Passage.idByteLimit
    /// Bytes of a passage's title and text together: text without white space can be cut nowhere.
    public static let passageLimitBytes = Passage.contentByteLimit

    /// Stands for standard input among the files; it is read as JSON lines unless a format is named.
    public static let standardInput = "-"

    /// What was passed over so far.
    public private(set) var badLines = BadLines()
    /// Stored bytes of all files, and those read so far.
    public let totalBytes: Int
    public var consumedBytes: Int { finishedBytes + (lines?.consumedBytes ?? 0) }

    private let files: [String]
    private let format: CorpusFormat?
    private let splitter: PassageSplitter
    private let skipsBadLines: Bool
    private var nextFile = 0
    private var finishedBytes = 0
    private var lines: FileLineReader?
    private var currentFormat = CorpusFormat.jsonl
    /// Of a DPR file: places of id, text and title in a line, and how many fields it has.
    private var columns: (id: Int, text: Int, title: Int?, count: Int)?

    /// - Parameters:
    ///   - format: nil tells each file's format from its content (`CorpusFormat.detect`).
    ///   - skipsBadLines: pass over bad lines and count them.
    /// - Throws: `invalidArgument` naming every file that is not there or is no regular file.
    public init(
        files: [String], format: CorpusFormat? = nil, splitter: PassageSplitter = PassageSplitter(),
        skipsBadLines: Bool = false
    ) throws(ImpRAGError) {
        var total = 0
        var problems: [String] = []
        for file in files where file != Self.standardInput {
            let attributes = try? FileManager.default.attributesOfItem(
                atPath: URL(filePath: file).resolvingSymlinksInPath().path(percentEncoded: false))
            if let attributes, attributes[.type] as? FileAttributeType == .typeRegular {
                total += (attributes[.size] as? NSNumber)?.intValue ?? 0
            } else {
                problems.append(attributes == nil ? "\(file) does not exist" : "\(file) is not a regular file")
            }
        }
        guard problems.isEmpty, !files.isEmpty else {
            let what = files.isEmpty ? "no file is named" : problems.joined(separator: "; ")
            throw ImpRAGError(.invalidArgument, "the corpus cannot be read: \(what)")
        }
        self.files = files
        self.format = format
        self.splitter = splitter
        self.skipsBadLines = skipsBadLines
        totalBytes = total
    }

    /// The next document, or nil at the end of the last file.
    public mutating func next() throws(ImpRAGError) -> CorpusDocument? {
        while true {
            guard lines != nil else {
                guard nextFile < files.count else { return nil }
                try open(files[nextFile])
                nextFile += 1
                continue
            }
            guard let line = try lines?.next() else {
                finishedBytes += lines?.consumedBytes ?? 0
                lines = nil
                continue
            }
            if line.isBlank { continue }
            do {
                let file = files[nextFile - 1]
                return try document(line, in: file == Self.standardInput ? "standard input" : file)
            } catch {
                guard skipsBadLines else { throw error }
                badLines.add(error.message)
            }
        }
    }

    // MARK: Private

    private mutating func open(_ file: String) throws(ImpRAGError) {
        let isStandardInput = file == Self.standardInput
        let detected =
            if isStandardInput { format ?? .jsonl } else if let format {
                try CorpusFormat.isEmpty(path: file) ? nil : format
            } else {
                try CorpusFormat.detect(path: file)
            }
        guard let detected else {
            let message = "\(file) is empty: it holds no document"
            guard skipsBadLines else { throw ImpRAGError(.invalidArgument, message) }
            badLines.add(message)
            return
        }
        currentFormat = detected
        var reader = try isStandardInput ? FileLineReader(ByteReader.standardInput()) : FileLineReader(path: file)
        if currentFormat == .dpr {
            let header =
                try reader.next().map { line throws(ImpRAGError) in DPRLine.columns(try line.text(in: file)) } ?? []
            guard let id = header.firstIndex(of: "id"), let text = header.firstIndex(of: "text") else {
                throw ImpRAGError(
                    .invalidArgument,
                    "\(file):1: the first line must name the columns id, text and title, separated by tabs")
            }
            columns = (id, text, header.firstIndex(of: "title"), header.count)
        }
        lines = reader
    }

    private func document(_ line: FileLineReader.Line, in file: String) throws(ImpRAGError) -> CorpusDocument {
        let source = try source(line, in: file)
        func bad(_ what: String) -> ImpRAGError { ImpRAGError(.invalidArgument, "\(file):\(line.number): \(what)") }
        guard !source.id.isEmpty else { throw bad("the id is empty") }
        guard source.id.utf8.count <= Self.idLimitBytes else {
            throw bad("the id has \(source.id.utf8.count) bytes; at most \(Self.idLimitBytes) are allowed")
        }
        let document = CorpusDocument(source, splitter: splitter, place: "\(file):\(line.number)")
        guard !document.passages.isEmpty else { throw bad("the text is empty or only white space") }
        for passage in document.passages
        where passage.title.utf8.count + passage.text.utf8.count > Self.passageLimitBytes {
            throw bad(
                "passage \(passage.id) has \(passage.title.utf8.count + passage.text.utf8.count) bytes without a place to "
                    + "cut it; at most \(Self.passageLimitBytes) are allowed")
        }
        return document
    }

    private func source(_ line: FileLineReader.Line, in file: String) throws(ImpRAGError) -> SourceDocument {
        switch currentFormat {
        case .jsonl: return try line.decode(JSONLDocument.self, in: file).document
        case .kilt: return try line.decode(KILTDocument.self, in: file).document
        case .dpr:
            guard let columns else { throw ImpRAGError(.internal, "\(file) has no columns") }
            let text = try line.text(in: file)
            do throws(DPRLine.Problem) {
                let fields = try DPRLine.fields(text)
                guard fields.count == columns.count else {
                    throw DPRLine.Problem(message: "the line has \(fields.count) fields, the header \(columns.count)")
                }
                return SourceDocument(
                    id: fields[columns.id], title: columns.title.map { fields[$0] } ?? "", text: fields[columns.text])
            } catch {
                throw ImpRAGError(.invalidArgument, "\(file):\(line.number): \(error.message)")
            }
        }
    }
}
