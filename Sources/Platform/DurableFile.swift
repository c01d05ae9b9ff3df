public import Core
internal import Foundation

/// Small files that are replaced as a whole, so that a reader sees the old bytes or the new ones, never a mixture.
public enum DurableFile {
    /// Writes `bytes` beside `path`, brings them to the disk and renames them into place.
    ///
    /// - Throws: `resourceExhausted` when the disk is full, otherwise `unavailable`.
    public static func write(_ bytes: [UInt8], to path: String) throws(ImpRAGError) {
        let temporary = path + ".tmp"
        let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure("cannot create \(temporary)") }
        do {
            defer { close(descriptor) }
            var done = 0
            while done < bytes.count {
                let count = unsafe bytes.withUnsafeBytes { buffer in
                    unsafe Foundation.write(descriptor, buffer.baseAddress?.advanced(by: done), buffer.count - done)
                }
                if count < 0 {
                    if errno == EINTR { continue }
                    throw failure("cannot write \(temporary)")
                }
                done += count
            }
            guard fsync(descriptor) == 0 else { throw failure("cannot bring \(temporary) to the disk") }
        }
        guard unsafe rename(temporary, path) == 0 else { throw failure("cannot rename \(temporary) to \(path)") }
        try syncDirectory(of: path)
    }

    /// Brings the directory entry of `path` to the disk.
    public static func syncDirectory(of path: String) throws(ImpRAGError) {
        let directory = URL(filePath: path).deletingLastPathComponent().path(percentEncoded: false)
        let descriptor = unsafe open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("cannot open \(directory)") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("cannot bring \(directory) to the disk") }
    }

    private static func failure(_ what: String) -> ImpRAGError {
        let code = errno
        return ImpRAGError(
            code == ENOSPC || code == EDQUOT ? .resourceExhausted : .unavailable, "\(what): \(systemMessage(code))")
    }
}
