public import Core
internal import Foundation

/// A new file, written sequentially. One owner; closed at the latest with the object.
@safe public final class OutputFile {
    private let path: String
    private let descriptor: Int32

    /// Creates the file at `path`, or truncates an existing one; errors as `write`.
    public init(path: String) throws(ImpRAGError) {
        self.path = path
        descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw fileFailure("cannot create \(path)") }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Appends `bytes`.
    ///
    /// - Throws: `resourceExhausted` when the disk is full, otherwise `unavailable`.
    public func write(_ bytes: RawSpan) throws(ImpRAGError) {
        try writeAll(bytes, to: descriptor, path)
    }

    /// Syncs what was written to disk.
    public func synchronize() throws(ImpRAGError) {
        guard fsync(descriptor) == 0 else { throw fileFailure("cannot bring \(path) to the disk") }
    }
}

extension OutputFile {
    /// Appends `bytes`; errors as for a span.
    public func write(_ bytes: [UInt8]) throws(ImpRAGError) {
        try write(unsafe bytes.span.bytes)
    }
}

/// Writes all of `bytes` to the open file; `path` is its name in errors.
///
/// - Throws: `resourceExhausted` when the disk is full, otherwise `unavailable`.
func writeAll(_ bytes: RawSpan, to descriptor: Int32, _ path: String) throws(ImpRAGError) {
    var done = 0
    while done < bytes.byteCount {
        let count = unsafe bytes.withUnsafeBytes { buffer in
            unsafe Foundation.write(descriptor, buffer.baseAddress?.advanced(by: done), buffer.count - done)
        }
        if count < 0 {
            if errno == EINTR { continue }
            throw fileFailure("cannot write \(path)")
        }
        done += count
    }
}

/// The error for `code`, `resourceExhausted` when it is about space.
func fileFailure(_ what: String, _ code: Int32 = errno) -> ImpRAGError {
    ImpRAGError(
        code == ENOSPC || code == EDQUOT ? .resourceExhausted : .unavailable, "\(what): \(systemMessage(code))")
}
