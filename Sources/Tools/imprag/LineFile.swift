import Core
import Foundation
import Platform

/// A new text file, written line by line.
struct LineFile {
    private let file: OutputFile

    init(path: String) throws(ImpRAGError) {
        try Self.check(path)
        file = try OutputFile(path: path)
    }

    func write(_ line: String) throws(ImpRAGError) {
        try file.write(Array((line + "\n").utf8))
    }

    /// Refuses a path that cannot be written, and leaves a file there as it is: for what is written after long work.
    static func check(_ path: String) throws(ImpRAGError) {
        let files = FileManager.default
        let type = (try? files.attributesOfItem(atPath: path))?[.type] as? FileAttributeType
        guard type != .typeDirectory else {
            throw ImpRAGError(.invalidArgument, "\(path) is a directory; name a file to write")
        }
        let folder = URL(filePath: path).deletingLastPathComponent().standardizedFileURL.path
        guard files.isWritableFile(atPath: type == nil ? folder : path) else {
            throw ImpRAGError(
                .invalidArgument,
                "\(path) cannot be written: "
                    + (files.fileExists(atPath: folder)
                        ? "you may not write there" : "the directory \(folder) does not exist"))
        }
    }
}
