public import Core
internal import Foundation

/// The files of a corpus: named files, and the texts below named directories.
///
/// A directory stands for every file below it whose name ends in `.txt` or `.md`, in the order of the bytes of their
/// relative paths. Names that begin with a dot are skipped. Links to files are followed, links to directories are not,
/// so there are no cycles.
public struct CorpusFiles: Sendable {
    public struct File: Sendable, Equatable {
        public let path: String
        /// For a file below a named directory, its relative path, which is the id of its one document. Nil for a file
        /// of many documents.
        public let name: String?
        /// Its size as stored; 0 when it cannot be read.
        public let bytes: Int
        /// Why it cannot be read, beginning with its path. Always nil for a path that was named itself.
        public let problem: String?
    }

    public private(set) var files: [File] = []
    /// Files below directories with other extensions.
    public private(set) var otherFiles = 0

    /// Stored bytes of all files.
    public var totalBytes: Int { files.reduce(0) { $0 + $1.bytes } }

    /// - Parameters:
    ///   - paths: files, directories and `CorpusReader.standardInput`.
    ///   - format: the files' format; excludes directories.
    /// - Throws: `invalidArgument` naming every path that is none of these, and every directory without a text.
    public init(_ paths: [String], format: CorpusFormat? = nil) throws(ImpRAGError) {
        var problems = paths.isEmpty ? ["no file is named"] : []
        for path in paths {
            if path == CorpusReader.standardInput {
                files.append(File(path: path, name: nil, bytes: 0, problem: nil))
                continue
            }
            switch Self.kind(of: path) {
            case .file(let bytes): files.append(File(path: path, name: nil, bytes: bytes, problem: nil))
            case .directory:
                if let format {
                    problems.append(
                        "\(path) is a directory, where a file of the format \(format.rawValue) is right; `imprag index` reads it "
                            + "without --format, as text and Markdown")
                    continue
                }
                let before = files.count
                addTexts(below: path)
                if files.count == before { problems.append("\(path) holds no .txt or .md file") }
            case .other: problems.append("\(path) is not a regular file")
            case .missing:
                problems.append(Self.isLink(path) ? "\(path) is a link that leads nowhere" : "\(path) does not exist")
            case .hidden: problems.append(Self.hiding(path))
            }
        }
        guard problems.isEmpty else {
            throw ImpRAGError(.invalidArgument, "the corpus cannot be read: \(problems.joined(separator: "; "))")
        }
    }

    /// Whether a file of this name is read when its directory is named.
    static func holdsText(_ name: String) -> Bool { name.lowercased().hasSuffix(".txt") || isMarkdown(name) }

    static func isMarkdown(_ name: String) -> Bool { name.lowercased().hasSuffix(".md") }

    // MARK: Private

    private enum Kind {
        case file(bytes: Int)
        case directory, other, missing
        /// Below a directory that the user may not look into.
        case hidden
    }

    /// What is at `path`, with links resolved.
    private static func kind(of path: String) -> Kind {
        let target = URL(filePath: path).resolvingSymlinksInPath().path(percentEncoded: false)
        do {
            let attributes = try FileManager.default.attributesOfItem(atPath: target)
            return switch attributes[.type] as? FileAttributeType {
            case .typeRegular: .file(bytes: (attributes[.size] as? NSNumber)?.intValue ?? 0)
            case .typeDirectory: .directory
            case .typeSymbolicLink: .missing
            default: .other
            }
        } catch {
            return (error as? CocoaError)?.code == .fileReadNoPermission ? .hidden : .missing
        }
    }

    private static func hiding(_ path: String) -> String {
        "\(path) cannot be seen: user \(NSUserName()) may not look into its directory"
    }

    private static func isLink(_ path: String) -> Bool {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return attributes?[.type] as? FileAttributeType == .typeSymbolicLink
    }

    private mutating func addTexts(below directory: String) {
        var root = directory
        while root.count > 1, root.hasSuffix("/") { root.removeLast() }
        var texts: [(name: String, bytes: Int, problem: String?)] = []
        // Relative paths of directories yet to be read; the first is the root.
        var waiting = [""]
        while let parent = waiting.popLast() {
            guard let names = try? FileManager.default.contentsOfDirectory(atPath: root + parent) else {
                texts.append((String(parent.dropFirst()), 0, "\(root + parent) is a directory that cannot be read"))
                continue
            }
            for name in names where !name.hasPrefix(".") {
                let child = parent + "/" + name
                let path = root + child
                func add(_ bytes: Int, _ problem: String?) { texts.append((String(child.dropFirst()), bytes, problem)) }
                switch Self.kind(of: path) {
                case .directory where Self.isLink(path):
                    add(0, "\(path) is a link to a directory, which is not followed; name that directory too")
                case .directory: waiting.append(child)
                case .missing where name.unicodeScalars.contains("\u{FFFD}"):
                    add(0, "\(path) has a name that is not UTF-8; rename it")
                case _ where !Self.holdsText(name): otherFiles += 1
                case .file(let bytes): add(bytes, nil)
                case .other: add(0, "\(path) is not a regular file")
                case .hidden: add(0, Self.hiding(path))
                case .missing:
                    add(0, "\(path) cannot be found: it is a link that leads nowhere, or was removed just now")
                }
            }
        }
        // By bytes: distinct names may compare equal as strings.
        texts.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        files += texts.map { File(path: root + "/" + $0.name, name: $0.name, bytes: $0.bytes, problem: $0.problem) }
    }
}
