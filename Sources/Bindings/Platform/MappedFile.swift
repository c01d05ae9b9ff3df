public import Core
import Foundation

/// A whole file, mapped read-only into memory: pages are loaded when touched and not copied.
///
/// Immutable, so all threads may read it. Truncating the file while it is mapped ends the process with
/// SIGBUS; replace files by renaming instead.
@safe public final class MappedFile: Sendable {
    public let path: String
    /// Bytes.
    public let count: Int
    /// The file's stamp when it was mapped.
    public let stamp: FileStamp
    // Sendable because nothing writes through it, and it lives exactly as long as this object.
    private nonisolated(unsafe) let base: UnsafeRawPointer?

    /// Maps the file at `path`.
    ///
    /// - Throws: `notFound` when there is no such file, `invalidArgument` for what is not a regular file,
    ///   `unavailable` when the system refuses.
    public init(path: String) throws(ImpRAGError) {
        // Without O_NONBLOCK, opening a named pipe would wait for a writer.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            let reason = Self.reason(errno)
            throw ImpRAGError(errno == ENOENT ? .notFound : .unavailable, "cannot open \(path): \(reason)")
        }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            throw ImpRAGError(.unavailable, "cannot examine \(path): \(Self.reason(errno))")
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw ImpRAGError(.invalidArgument, "\(path) is not a regular file")
        }
        let size = Int(status.st_size)
        self.path = path
        count = size
        stamp = FileStamp(status)
        guard size > 0 else {
            unsafe base = nil  // mmap refuses a length of 0.
            return
        }
        let address = unsafe mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0)
        guard let address = unsafe address, unsafe address != UnsafeMutableRawPointer(bitPattern: -1) else {
            throw ImpRAGError(.unavailable, "cannot map the \(size) bytes of \(path): \(Self.reason(errno))")
        }
        unsafe base = UnsafeRawPointer(address)
    }

    deinit {
        if let base = unsafe base { unsafe munmap(UnsafeMutableRawPointer(mutating: base), count) }
    }

    /// Lends all bytes to `body`. They stay at the same address for as long as this object lives.
    public func withBytes<Value, Failure>(_ body: (RawSpan) throws(Failure) -> Value) throws(Failure) -> Value {
        // The span does not keep this object alive, whose end unmaps the bytes.
        defer { withExtendedLifetime(self) {} }
        let bytes = unsafe UnsafeRawBufferPointer(start: base, count: count)
        return try body(unsafe bytes.bytes)
    }

    /// Lends the bytes in `range`; `range` must lie inside the file.
    public func withBytes<Value, Failure>(
        in range: Range<Int>, _ body: (RawSpan) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "\(range) is not inside \(count) bytes")
        defer { withExtendedLifetime(self) {} }
        let bytes = unsafe UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(start: base, count: count)[range])
        return try body(unsafe bytes.bytes)
    }

    /// Lets pages that lie wholly in `range` be evicted; they are read again when touched.
    public func release(_ range: Range<Int>) {
        guard let base = unsafe base else { return }
        let page = Int(getpagesize())
        let first = (range.lowerBound + page - 1) / page * page
        let end = range.upperBound / page * page
        guard first < end, end <= count else { return }
        unsafe madvise(UnsafeMutableRawPointer(mutating: base + first), end - first, MADV_DONTNEED)
    }

    private static func reason(_ code: Int32) -> String {
        unsafe String(cString: strerror(code))
    }
}

extension MappedFile {
    /// A copy of the bytes in `range`, which must lie inside the file.
    public func copyBytes(in range: Range<Int>) -> [UInt8] {
        withBytes(in: range) { bytes in unsafe bytes.withUnsafeBytes { unsafe [UInt8]($0) } }
    }
}
