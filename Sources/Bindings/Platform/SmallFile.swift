public import Core
internal import Foundation

/// A small file that is read as a whole, and what the system says of it.
public struct SmallFile: Sendable {
    public let bytes: [UInt8]
    public let stamp: FileStamp
    /// Whether its permissions let every user of the machine read it.
    public let isPublic: Bool

    /// Reads the file at `path`.
    ///
    /// - Throws: `notFound` when there is none, `invalidArgument` for one of more than `limit` bytes, or what is not a
    ///   regular file, `unavailable` when the system refuses.
    public init(path: String, limit: Int) throws(ImpRAGError) {
        // Without O_NONBLOCK, opening a named pipe would wait for a writer.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw DurableFile.failure(errno, "cannot open \(path)") }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw fileFailure("cannot examine \(path)") }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw ImpRAGError(.invalidArgument, "\(path) is not a regular file")
        }
        guard status.st_size <= limit else {
            throw ImpRAGError(.invalidArgument, "\(path) has \(status.st_size) bytes; at most \(limit) are right")
        }
        var buffer = [UInt8](repeating: 0, count: limit + 1)
        var count = 0
        while count < buffer.count {
            let read = unsafe buffer.withUnsafeMutableBytes { target in
                unsafe Foundation.read(descriptor, target.baseAddress?.advanced(by: count), target.count - count)
            }
            if read == 0 { break }
            if read < 0 {
                if errno == EINTR { continue }
                throw fileFailure("cannot read \(path)")
            }
            count += read
        }
        // It may have grown meanwhile.
        guard count <= limit else {
            throw ImpRAGError(.invalidArgument, "\(path) has more than \(limit) bytes, the most that are right")
        }
        bytes = Array(buffer.prefix(count))
        stamp = FileStamp(status)
        isPublic = status.st_mode & S_IROTH != 0
    }

    /// The stamp of the file at `path`; nil when it cannot be seen.
    public static func stamp(of path: String) -> FileStamp? {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        return FileStamp(status)
    }

    /// Makes a new file, on the disk when this returns, that only this user may read and write.
    ///
    /// - Throws: `failedPrecondition` when something is there already, `notFound` without its directory,
    ///   `resourceExhausted` when the disk is full, else `unavailable`.
    public static func createSecret(_ bytes: [UInt8], at path: String) throws(ImpRAGError) {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            if errno == EEXIST {
                throw ImpRAGError(.failedPrecondition, "\(path) is there already, and a secret is never written over")
            }
            throw DurableFile.failure(errno, "cannot create \(path)")
        }
        defer { close(descriptor) }
        do throws(ImpRAGError) {
            try writeAll(unsafe bytes.span.bytes, to: descriptor, path)
            guard fsync(descriptor) == 0 else { throw fileFailure("cannot bring \(path) to the disk") }
        } catch {
            unsafe unlink(path)
            throw error
        }
        try DurableFile.syncDirectory(of: path)
    }
}
