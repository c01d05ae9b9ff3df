public import Core
internal import Foundation

/// Splits a file, plain or gzip, into lines; one owner. A line ends only at LF; a carriage return is an ordinary byte.
/// A byte order mark before the first line is not part of it.
///
/// Memory stays bounded: a line longer than the limit is skipped and reported as such.
public struct FileLineReader {
    /// One line without its LF.
    public struct Line: Sendable {
        /// From 1.
        public let number: Int
        /// Offset of its first byte in the plain (decompressed) bytes of the file.
        public let offset: Int
        /// Empty when `isTooLong`.
        public let bytes: [UInt8]
        /// Its size, even when `isTooLong`.
        public let byteCount: Int
        /// Whether the line exceeded the reader's limit and was skipped.
        public let isTooLong: Bool
        /// The reader's limit.
        let limitBytes: Int
    }

    /// 16 MiB: far above any document, far below what a node can spare.
    public static let defaultLimitBytes = 16 << 20

    public let limitBytes: Int
    private let source: FileByteReader
    private var buffer: [UInt8] = []
    private var start = 0
    /// Plain bytes before `buffer`.
    private var bufferOffset = 0
    private var number = 0
    private var isAtEnd = false

    public init(_ source: FileByteReader, limitBytes: Int = defaultLimitBytes) {
        self.source = source
        self.limitBytes = limitBytes
    }

    /// Opens the file at `path`; errors as `FileByteReader.init`.
    public init(path: String, limitBytes: Int = defaultLimitBytes) throws(ImpRAGError) {
        self.init(try FileByteReader(path: path), limitBytes: limitBytes)
    }

    /// As given, for messages.
    public var path: String { source.path }
    /// Stored bytes read so far, and of the whole file (0 when that is not known).
    public var consumedBytes: Int { source.consumedBytes }
    public var totalBytes: Int { source.totalBytes }

    /// The next line, or nil at the end; the last one need not end in LF. Errors as `FileByteReader.read`.
    public mutating func next() throws(ImpRAGError) -> Line? {
        var searched = start
        while true {
            if let end = lineFeed(from: searched) {
                return take(upTo: end, skipped: 0, next: end + 1)
            }
            searched = buffer.count
            if buffer.count - start > limitBytes { return try passOver() }
            guard try more() else {
                return start < buffer.count ? take(upTo: buffer.count, skipped: 0, next: buffer.count) : nil
            }
            // `more` drops consumed bytes at the front.
            searched -= droppedByLastRead
        }
    }

    /// Whether `next` would return a line without reading on.
    public var holdsLine: Bool { lineFeed(from: start) != nil }

    // MARK: Private

    private var droppedByLastRead = 0

    /// Reads more; false at the end of the file.
    private mutating func more() throws(ImpRAGError) -> Bool {
        droppedByLastRead = start
        if start > 0 {
            buffer.removeFirst(start)
            bufferOffset += start
            start = 0
        }
        if isAtEnd { return false }
        if try source.read(into: &buffer) == 0 { isAtEnd = true }
        return !isAtEnd
    }

    private mutating func take(upTo end: Int, skipped: Int, next: Int) -> Line {
        number += 1
        if number == 1, skipped == 0, buffer[start..<end].starts(with: [0xEF, 0xBB, 0xBF]) { start += 3 }
        let count = end - start + skipped
        let tooLong = count > limitBytes
        let line = Line(
            number: number, offset: bufferOffset + start - skipped, bytes: tooLong ? [] : Array(buffer[start..<end]),
            byteCount: count, isTooLong: tooLong, limitBytes: limitBytes)
        start = next
        return line
    }

    /// Drops the rest of a line whose first bytes already exceed the limit.
    private mutating func passOver() throws(ImpRAGError) -> Line {
        var skipped = 0
        while true {
            if let end = lineFeed(from: start) { return take(upTo: end, skipped: skipped, next: end + 1) }
            skipped += buffer.count - start
            start = buffer.count
            guard try more() else { return take(upTo: start, skipped: skipped, next: start) }
        }
    }

    /// The index of the first LF at or after `from`.
    private func lineFeed(from: Int) -> Int? {
        unsafe buffer.withUnsafeBytes { bytes -> Int? in
            guard let base = bytes.baseAddress, from < bytes.count,
                let found = unsafe memchr(base + from, 0x0A, bytes.count - from)
            else { return nil }
            return unsafe UnsafeRawPointer(found) - base
        }
    }
}
