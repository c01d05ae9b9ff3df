// The layout, in memory as on disk; numbers are little-endian. n = vectors, p = n rounded up to 16,
// S = segments of a code, F = bytes of the first of them:
//
//   64 bytes      n (32 bits), S (32 bits; 0 where F is 32), zeros
//   p · F         first segments, in blocks of 16 vectors (CKernels/codes.h)
//   n · (S−1)·64  the other segments, vector by vector
//   p · 4         row numbers
//   p · 2         scales, bf16

import CKernels
public import Core

/// The codes of some vectors of one list: immutable, aligned for the scan, shared by all threads.
@safe public final class CodeChunk: Sendable {
    /// Vectors in the chunk.
    public let count: Int
    public let shape: CodeShape
    public let byteCount: Int

    // Sendable because nobody writes after `init`.
    private nonisolated(unsafe) let base: UnsafeMutableRawPointer

    /// The most vectors in one chunk.
    public static let limit = 4096
    private static let headerBytes = 64

    private static func padded(_ count: Int) -> Int { (count + 15) / 16 * 16 }

    /// Bytes that a chunk of `count` vectors takes, in memory and on disk.
    public static func byteCount(count: Int, shape: CodeShape) -> Int {
        headerBytes + padded(count) * (shape.segmentBytes + 6) + count * (shape.byteCount - shape.segmentBytes)
    }

    /// - Parameters:
    ///   - codes: `[count × shape.byteCount]`, vector by vector.
    ///   - scales: `[count]`.
    ///   - rows: `[count]`.
    public init(codes: [UInt8], scales: [BFloat16], rows: [UInt32], shape: CodeShape) {
        count = rows.count
        self.shape = shape
        let (codeBytes, segmentBytes) = (shape.byteCount, shape.segmentBytes)
        precondition(
            count <= Self.limit && scales.count == count && codes.count == count * codeBytes,
            "\(codes.count) bytes are no \(count) codes of \(codeBytes)")
        byteCount = Self.byteCount(count: count, shape: shape)
        unsafe base = .allocate(byteCount: byteCount, alignment: 64)
        unsafe base.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
        unsafe base.storeBytes(of: UInt32(count).littleEndian, as: UInt32.self)
        unsafe base.storeBytes(of: UInt32(shape.stored).littleEndian, toByteOffset: 4, as: UInt32.self)
        let bytes = unsafe base.assumingMemoryBound(to: UInt8.self)
        for vector in 0..<count {
            for byte in 0..<segmentBytes {
                unsafe bytes[firstOffset(vector, byte)] = codes[vector * codeBytes + byte]
            }
            for byte in segmentBytes..<codeBytes {
                unsafe bytes[restOffset + vector * (codeBytes - segmentBytes) + byte - segmentBytes] =
                    codes[vector * codeBytes + byte]
            }
            unsafe base.storeBytes(
                of: rows[vector].littleEndian, toByteOffset: rowsOffset + vector * 4, as: UInt32.self)
            unsafe base.storeBytes(
                of: scales[vector].bits.littleEndian, toByteOffset: scalesOffset + vector * 2, as: UInt16.self)
        }
    }

    /// A stored chunk; nil when the bytes are no chunk of codes of this shape.
    public init?(copying stored: RawSpan, shape: CodeShape) {
        guard stored.byteCount >= Self.headerBytes else { return nil }
        let count = unsafe Int(UInt32(littleEndian: stored.unsafeLoadUnaligned(as: UInt32.self)))
        let found = unsafe Int(UInt32(littleEndian: stored.unsafeLoadUnaligned(fromByteOffset: 4, as: UInt32.self)))
        guard found == shape.stored, count <= Self.limit,
            stored.byteCount == Self.byteCount(count: count, shape: shape)
        else { return nil }
        self.count = count
        self.shape = shape
        byteCount = stored.byteCount
        unsafe base = .allocate(byteCount: byteCount, alignment: 64)
        unsafe stored.withUnsafeBytes { source in
            guard let from = source.baseAddress else { return }
            unsafe base.copyMemory(from: from, byteCount: source.count)
        }
    }

    deinit {
        unsafe base.deallocate()
    }

    /// The bytes to store.
    public var bytes: [UInt8] {
        defer { withExtendedLifetime(self) {} }
        return unsafe Array(UnsafeRawBufferPointer(start: base, count: byteCount))
    }

    /// The row of the vector at `place`.
    public func row(_ place: Int) -> Int {
        precondition(place >= 0 && place < count, "place \(place) of \(count)")
        defer { withExtendedLifetime(self) {} }
        return unsafe Int(UInt32(littleEndian: base.load(fromByteOffset: rowsOffset + place * 4, as: UInt32.self)))
    }

    /// Appends row, scale and code (`[shape.byteCount]`) of each vector whose row `keeps` accepts, in order.
    public func append(
        codes: inout [UInt8], scales: inout [BFloat16], rows: inout [UInt32], keeping keeps: (Int) -> Bool
    ) {
        defer { withExtendedLifetime(self) {} }
        let bytes = unsafe base.assumingMemoryBound(to: UInt8.self)
        let restBytes = shape.byteCount - shape.segmentBytes
        for vector in 0..<count where keeps(row(vector)) {
            for byte in 0..<shape.segmentBytes { unsafe codes.append(bytes[firstOffset(vector, byte)]) }
            unsafe codes.append(
                contentsOf: UnsafeBufferPointer(start: bytes + restOffset + vector * restBytes, count: restBytes))
            let bits = unsafe base.load(fromByteOffset: scalesOffset + vector * 2, as: UInt16.self)
            scales.append(BFloat16(bits: UInt16(littleEndian: bits)))
            rows.append(UInt32(row(vector)))
        }
    }

    /// The C view; valid as long as this object lives.
    var codes: imprag_codes {
        let bytes = unsafe UnsafePointer(base.assumingMemoryBound(to: UInt8.self))
        return unsafe imprag_codes(
            count: count, segments: shape.segments, segment_bytes: shape.segmentBytes, first: bytes + Self.headerBytes,
            rest: bytes + restOffset,
            scales: UnsafeRawPointer(base + scalesOffset).assumingMemoryBound(to: UInt16.self),
            rows: UnsafeRawPointer(base + rowsOffset).assumingMemoryBound(to: UInt32.self))
    }

    private var restOffset: Int { Self.headerBytes + Self.padded(count) * shape.segmentBytes }
    private var rowsOffset: Int { restOffset + count * (shape.byteCount - shape.segmentBytes) }
    private var scalesOffset: Int { rowsOffset + Self.padded(count) * 4 }

    /// The offset of byte `byte` of vector `vector`'s first segment.
    private func firstOffset(_ vector: Int, _ byte: Int) -> Int {
        Self.headerBytes + vector / 16 * 16 * shape.segmentBytes + byte / 4 * 64 + vector % 16 * 4 + byte % 4
    }
}
