internal import CZlib
public import Core
internal import Foundation

/// Reads a file from its start to its end in pieces, plain or gzip; one owner.
///
/// Gzip is detected by its first two bytes (1f 8b), never by the file's name. Consecutive gzip members are one stream,
/// as for `gzip -d`, and zero bytes after the last member are padding. Memory stays bounded whatever the file holds:
/// one piece of compressed and one of plain bytes.
///
/// Source of the format: RFC 1952.
@safe public final class FileByteReader {
    /// As given, for messages.
    public let path: String
    /// Size of the file as stored; 0 when it is not a regular file, such as a pipe.
    public let totalBytes: Int
    /// Stored bytes read so far, for progress.
    public private(set) var consumedBytes = 0

    private static let pieceBytes = 256 << 10

    private let descriptor: Int32
    private let ownsDescriptor: Bool
    /// Stored bytes read but not used yet: `input[inputStart..<inputEnd]`.
    private var input = [UInt8](repeating: 0, count: pieceBytes)
    private var inputStart = 0
    private var inputEnd = 0
    private var format: Format?
    // On the heap because it must not move: zlib keeps a pointer back to it. Freed in `deinit`.
    private let stream: UnsafeMutablePointer<z_stream>
    private var streamIsOpen = false

    private enum Format {
        case plain
        case gzip(insideMember: Bool)
    }

    /// Opens the file at `path`.
    ///
    /// - Parameter decompressing: false returns the stored bytes, whatever they are.
    /// - Throws: `notFound` when there is no such file, `invalidArgument` for a directory, `unavailable` when the
    ///   system refuses; `read` throws `invalidArgument` for a file that is known to be something else (`ForeignFile`).
    public convenience init(path: String, decompressing: Bool = true) throws(ImpRAGError) {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            let code = errno
            throw ImpRAGError(
                code == ENOENT ? .notFound : .unavailable, "\(path) cannot be opened: \(systemMessage(code))")
        }
        try self.init(descriptor: descriptor, path: path, ownsDescriptor: true)
        if !decompressing { format = .plain }
    }

    /// Its name in messages.
    public static let standardInputName = "standard input"

    /// Reads what arrives on this process's standard input.
    public static func standardInput() throws(ImpRAGError) -> FileByteReader {
        try FileByteReader(descriptor: 0, path: standardInputName, ownsDescriptor: false)
    }

    private init(descriptor: Int32, path: String, ownsDescriptor: Bool) throws(ImpRAGError) {
        self.path = path
        self.descriptor = descriptor
        self.ownsDescriptor = ownsDescriptor
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        var status = stat()
        let examined = unsafe fstat(descriptor, &status)
        totalBytes = examined == 0 && status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : 0
        if examined == 0, status.st_mode & S_IFMT == S_IFDIR {
            throw ImpRAGError(.invalidArgument, "\(path) is a directory; name a file")
        }
    }

    deinit {
        if streamIsOpen { unsafe inflateEnd(stream) }
        unsafe stream.deallocate()
        if ownsDescriptor { close(descriptor) }
    }

    /// Appends the next plain bytes to `output`: at least one and at most `pieceBytes`, or none at the end.
    ///
    /// - Returns: the number of bytes appended.
    /// - Throws: `dataLoss` naming the file and the stored offset when a gzip stream is cut short or damaged,
    ///   `unavailable` when the system cannot read.
    public func read(into output: inout [UInt8]) throws(ImpRAGError) -> Int {
        while true {
            if inputStart == inputEnd { try fill() }
            switch format {
            case nil:
                // Two bytes are needed to tell the formats apart; a pipe may deliver them one by one, and then nothing
                // for a long time.
                while inputEnd == 1 || inputEnd < ForeignFile.headBytes && totalBytes > 0, try more() {}
                if let problem = ForeignFile.problem(head: input[..<inputEnd].prefix(ForeignFile.headBytes)) {
                    throw ImpRAGError(.invalidArgument, "\(path) \(problem)")
                }
                let isGzip = inputEnd >= 2 && input[0] == 0x1f && input[1] == 0x8b
                format = isGzip ? .gzip(insideMember: false) : .plain
            case .plain:
                let count = inputEnd - inputStart
                output.append(contentsOf: input[inputStart..<inputEnd])
                inputStart = inputEnd
                return count
            case .gzip(let insideMember):
                if inputStart == inputEnd {
                    guard !insideMember else { throw truncated() }
                    return 0
                }
                if !insideMember {
                    guard try startMember() else { return 0 }
                }
                let count = try inflatePiece(into: &output)
                if count > 0 { return count }
            }
        }
    }

    // MARK: Private

    /// The stored offset of the next unused byte.
    private var offset: Int { consumedBytes - (inputEnd - inputStart) }

    private func truncated() -> ImpRAGError {
        ImpRAGError(
            .dataLoss,
            "\(path) is a truncated gzip file: it ends at byte \(consumedBytes), inside a compressed member; copy it again"
        )
    }

    /// Replaces the consumed input by the next stored bytes; leaves it empty at the end of the file.
    private func fill() throws(ImpRAGError) {
        inputStart = 0
        inputEnd = 0
        _ = try more()
    }

    /// Appends stored bytes to the input; false at the end of the file.
    private func more() throws(ImpRAGError) -> Bool {
        let end = inputEnd
        while true {
            let count = unsafe input.withUnsafeMutableBytes { buffer in
                unsafe Foundation.read(descriptor, buffer.baseAddress?.advanced(by: end), buffer.count - end)
            }
            if count < 0 {
                let code = errno
                if code == EINTR { continue }
                throw ImpRAGError(
                    .unavailable, "\(path) cannot be read at byte \(consumedBytes): \(systemMessage(code))")
            }
            inputEnd += count
            consumedBytes += count
            return count > 0
        }
    }

    /// Prepares for the member that starts at the next byte; false when only padding is left.
    private func startMember() throws(ImpRAGError) -> Bool {
        if streamIsOpen {
            // After the first member: padding, or another member.
            while true {
                while inputStart < inputEnd, input[inputStart] == 0 { inputStart += 1 }
                if inputStart < inputEnd { break }
                try fill()
                if inputStart == inputEnd { return false }
            }
            guard input[inputStart] == 0x1f else {
                throw ImpRAGError(
                    .dataLoss, "\(path): at byte \(offset), after a gzip member, stands something that is not gzip")
            }
            unsafe inflateReset(stream)
        } else {
            // 15 bits of window, plus 16: a gzip header and its checksum are expected.
            let opened = unsafe inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
            guard opened == Z_OK else {
                throw ImpRAGError(.resourceExhausted, "\(path): zlib has no memory for decompression")
            }
            streamIsOpen = true
        }
        format = .gzip(insideMember: true)
        return true
    }

    /// Decompresses once; 0 when all input was consumed without yielding a byte, or the member ended.
    private func inflatePiece(into output: inout [UInt8]) throws(ImpRAGError) -> Int {
        let start = output.count
        output.append(contentsOf: repeatElement(0, count: Self.pieceBytes))
        let available = inputEnd - inputStart
        let inputOffset = inputStart
        let result = unsafe input.withUnsafeMutableBufferPointer { source in
            unsafe output.withUnsafeMutableBufferPointer { destination in
                unsafe stream.pointee.next_in = source.baseAddress?.advanced(by: inputOffset)
                unsafe stream.pointee.avail_in = UInt32(available)
                unsafe stream.pointee.next_out = destination.baseAddress?.advanced(by: start)
                unsafe stream.pointee.avail_out = UInt32(Self.pieceBytes)
                return unsafe inflate(stream, Z_NO_FLUSH)
            }
        }
        inputStart = inputEnd - Int(unsafe stream.pointee.avail_in)
        let count = Self.pieceBytes - Int(unsafe stream.pointee.avail_out)
        output.removeLast(Self.pieceBytes - count)
        switch result {
        case Z_STREAM_END: format = .gzip(insideMember: false)
        case Z_OK, Z_BUF_ERROR: break
        default:
            let reason = unsafe stream.pointee.msg.map { unsafe String(cString: $0) } ?? "code \(result)"
            throw ImpRAGError(.dataLoss, "\(path) is a damaged gzip file: at byte \(offset): \(reason)")
        }
        return count
    }
}
