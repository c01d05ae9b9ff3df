public import Core
internal import Foundation

/// Atomic replacement of files and directories: a reader sees the old one or the new one, never a mixture.
public enum DurableFile {
    /// Writes `bytes` next to `path`, syncs them to disk and renames them into place.
    ///
    /// - Throws: `resourceExhausted` when the disk is full, otherwise `unavailable`.
    public static func write(_ bytes: [UInt8], to path: String) throws(ImpRAGError) {
        let temporary = path + ".tmp"
        do {
            let file = try OutputFile(path: temporary)
            try file.write(bytes)
            try file.synchronize()
        }
        try rename(temporary, to: path)
    }

    /// Renames the file or directory at `path` to `other`, replacing a file or an empty directory there, and syncs that
    /// to disk.
    public static func rename(_ path: String, to other: String) throws(ImpRAGError) {
        guard unsafe Foundation.rename(path, other) == 0 else {
            throw failure(errno, "cannot rename \(path) to \(other)")
        }
        try syncDirectory(of: other)
    }

    /// Syncs the directory entry of `path` to disk.
    public static func syncDirectory(of path: String) throws(ImpRAGError) {
        let directory = URL(filePath: path).deletingLastPathComponent().path(percentEncoded: false)
        let descriptor = unsafe open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(errno, "cannot open \(directory)") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw fileFailure("cannot bring \(directory) to the disk") }
    }

    /// What the system says, `notFound` when something on the way does not exist.
    static func failure(_ code: Int32, _ what: String) -> ImpRAGError {
        code == ENOENT ? ImpRAGError(.notFound, "\(what): \(systemMessage(code))") : fileFailure(what, code)
    }
}
