public import Core
internal import Platform

/// Reads the documents of corpus files, one after the other, with bounded memory; one owner.
///
/// A directory among them stands for the texts below it (`CorpusFiles`), each a document (`TextDocument`); one that
/// cannot be read is treated like a bad line.
///
/// A line ends only at LF. Blank lines are skipped. A bad line (not UTF-8, not of the format, longer than 16 MiB, a
/// missing id, a text without a word, an over-long id or passage) ends the reading with file and line, or is counted
/// and skipped if the caller asked for that. Errors that concern a whole file (missing, truncated gzip, no header,
/// unknown format) always end it.
public struct CorpusReader {
    /// The most bytes of a passage's title and text together: text without white space cannot be cut.
    public static let passageLimitBytes = Passage.contentByteLimit

    /// Stands for standard input among the files; read as JSON lines unless a format is given.
    public static let standardInput = "-"

    /// Lines skipped so far.
    public private(set) var badLines = BadLines()
    /// Stored bytes of all files, and those read so far.
    public var totalBytes: Int { files.totalBytes }
    public var consumedBytes: Int { finishedBytes + (lines?.consumedBytes ?? 0) }

    private let files: CorpusFiles
    private let format: CorpusFormat?
    private let splitter: PassageSplitter
    private let skipsBadLines: Bool
    private var nextFile = 0
    private var finishedBytes = 0
    private var lines: FileLineReader?
    private var currentFormat = CorpusFormat.jsonl
    /// Of a DPR file: the columns of id, text and title, and the number of columns.
    private var columns: (id: Int, text: Int, title: Int?, count: Int)?

    /// - Parameters:
    ///   - format: nil detects each file's format (`CorpusFormat.detect`).
    ///   - skipsBadLines: skip bad lines and count them.
    /// - Throws: as `CorpusFiles`.
    public init(
        files: [String], format: CorpusFormat? = nil, splitter: PassageSplitter = PassageSplitter(),
        skipsBadLines: Bool = false
    ) throws(ImpRAGError) {
        self.files = try CorpusFiles(files, format: format)
        self.format = format
        self.splitter = splitter
        self.skipsBadLines = skipsBadLines
    }

    /// The next document, or nil at the end of the last file.
    public mutating func next() throws(ImpRAGError) -> CorpusDocument? {
        while true {
            guard lines != nil else {
                guard nextFile < files.files.count else { return nil }
                let file = files.files[nextFile]
                nextFile += 1
                guard let name = file.name else {
                    try open(file.path)
                    continue
                }
                finishedBytes += file.bytes
                do {
                    return try document(file, name)
                } catch {
                    try passOver(error)
                }
                continue
            }
            guard let line = try lines?.next() else {
                finishedBytes += lines?.consumedBytes ?? 0
                lines = nil
                continue
            }
            if line.isBlank { continue }
            do {
                let file = files.files[nextFile - 1].path
                return try document(line, in: file == Self.standardInput ? FileByteReader.standardInputName : file)
            } catch {
                try passOver(error)
            }
        }
    }

    // MARK: Private

    private mutating func passOver(_ error: ImpRAGError) throws(ImpRAGError) {
        guard skipsBadLines else { throw error }
        badLines.add(error.message)
    }

    private mutating func open(_ file: String) throws(ImpRAGError) {
        let isStandardInput = file == Self.standardInput
        let detected =
            if isStandardInput { format ?? .jsonl } else if let format {
                try CorpusFormat.isEmpty(path: file) ? nil : format
            } else {
                try CorpusFormat.detect(path: file)
            }
        guard let detected else {
            return try passOver(ImpRAGError(.invalidArgument, "\(file) is empty: it holds no document"))
        }
        currentFormat = detected
        var reader = try isStandardInput ? FileLineReader(FileByteReader.standardInput()) : FileLineReader(path: file)
        if currentFormat == .dpr {
            let header =
                try reader.next().map { line throws(ImpRAGError) in DPRLine.columns(try line.text(in: file)) } ?? []
            guard !header.contains(where: { $0.utf8.contains(0x0D) }) else {
                throw ImpRAGError(
                    .invalidArgument,
                    "\(file):1: its lines end in CR alone; LF or CR LF is right, `tr '\\r' '\\n'` makes it")
            }
            guard let id = header.firstIndex(of: "id"), let text = header.firstIndex(of: "text") else {
                throw ImpRAGError(
                    .invalidArgument,
                    "\(file):1: the first line must name the columns id, text and title, separated by tabs")
            }
            columns = (id, text, header.firstIndex(of: "title"), header.count)
        }
        lines = reader
    }

    private func document(_ file: CorpusFiles.File, _ name: String) throws(ImpRAGError) -> CorpusDocument {
        if let problem = file.problem { throw ImpRAGError(.invalidArgument, problem) }
        return try document(try TextDocument.read(file.path, name: name), "\(file.path):1")
    }

    private func document(_ line: FileLineReader.Line, in file: String) throws(ImpRAGError) -> CorpusDocument {
        try document(try source(line, in: file), line.place(in: file))
    }

    /// Cuts a document, found at `place`, if it is within the limits.
    private func document(_ source: SourceDocument, _ place: String) throws(ImpRAGError) -> CorpusDocument {
        func bad(_ what: String) -> ImpRAGError { ImpRAGError(.invalidArgument, "\(place): \(what)") }
        guard !source.id.isEmpty else { throw bad("the id is empty") }
        guard source.id.utf8.count <= Passage.idByteLimit else {
            throw bad("the id has \(source.id.utf8.count) bytes; at most \(Passage.idByteLimit) are allowed")
        }
        let document = CorpusDocument(source, splitter: splitter, place: place)
        guard !document.passages.isEmpty else { throw bad("the text is empty or only white space") }
        for passage in document.passages {
            let bytes = passage.title.utf8.count + passage.text.utf8.count
            guard bytes <= Self.passageLimitBytes else {
                throw bad(
                    "passage \(passage.id) has \(bytes) bytes"
                        + (splitter.wordsPerPassage > 0 ? " without a place to cut it" : "")
                        + "; at most \(Self.passageLimitBytes) are allowed"
                        + (splitter.wordsPerPassage > 0 ? "" : ", and --words N cuts it into such"))
            }
        }
        let problems = source.sections.flatMap { MetadataValue.problems(of: $0.metadata) }
        guard problems.isEmpty else { throw bad("its metadata: \(problems.joined(separator: "; "))") }
        return document
    }

    private func source(_ line: FileLineReader.Line, in file: String) throws(ImpRAGError) -> SourceDocument {
        switch currentFormat {
        case .jsonl: return try SourceDocument(jsonl: try line.json(in: file))
        case .kilt: return try SourceDocument(kilt: try line.json(in: file))
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
