import Core
import Foundation

/// A new text file, written line by line.
struct LineFile {
    private let handle: FileHandle
    private let path: String

    init(path: String) throws {
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let handle = FileHandle(forWritingAtPath: path)
        else {
            throw ImpRAGError(.invalidArgument, "\(path) cannot be written")
        }
        self.handle = handle
        self.path = path
    }

    func write(_ line: String) throws {
        do {
            try handle.write(contentsOf: Data((line + "\n").utf8))
        } catch {
            throw ImpRAGError(.resourceExhausted, "\(path) cannot be written to", cause: error)
        }
    }
}
