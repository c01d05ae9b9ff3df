/// Reads what `ByteWriter` wrote, from front to back.
///
/// Bytes from a disk or a network are hostile: a read returns nil when too few bytes are left for it, and then consumes
/// none.
public struct ByteReader: Sendable {
    private let bytes: [UInt8]
    private var place: Int

    /// - Parameter start: where to begin; at or beyond the end there is nothing to read.
    public init(_ bytes: [UInt8], from start: Int = 0) {
        self.bytes = bytes
        place = min(max(0, start), bytes.count)
    }

    /// Bytes that are left.
    public var left: Int { bytes.count - place }

    public var isAtEnd: Bool { left == 0 }

    public mutating func bytes(_ count: Int) -> [UInt8]? { take(count).map { Array(bytes[$0]) } }

    /// Reads all bytes that are left.
    public mutating func rest() -> [UInt8] { bytes(left) ?? [] }

    /// Nil also for bytes that are not UTF-8.
    public mutating func text(_ count: Int) -> String? {
        guard count >= 0, count <= left, let text = String(validating: bytes[place..<(place + count)], as: UTF8.self)
        else { return nil }
        place += count
        return text
    }

    public mutating func uint8() -> UInt8? { number(UInt8.self) }
    public mutating func uint16() -> UInt16? { number(UInt16.self) }
    public mutating func uint32() -> UInt32? { number(UInt32.self) }
    public mutating func uint64() -> UInt64? { number(UInt64.self) }
    public mutating func float() -> Float? { number(UInt32.self).map { Float(bitPattern: $0) } }
    public mutating func double() -> Double? { number(UInt64.self).map { Double(bitPattern: $0) } }

    public mutating func bigEndian32() -> UInt32? { number(UInt32.self)?.byteSwapped }
    public mutating func bigEndian64() -> UInt64? { number(UInt64.self)?.byteSwapped }

    /// A non-negative `Int`, written as 64 bits.
    public mutating func count() -> Int? {
        guard let number = number(UInt64.self, moving: false), let count = Int(exactly: number) else { return nil }
        place += 8
        return count
    }

    public mutating func uint16s(_ count: Int) -> [UInt16]? { numbers(count) }
    public mutating func bfloat16s(_ count: Int) -> [BFloat16]? {
        numbers(count)?.map { (bits: UInt16) in BFloat16(bits: bits) }
    }
    public mutating func floats(_ count: Int) -> [Float]? {
        numbers(count)?.map { (bits: UInt32) in Float(bitPattern: bits) }
    }

    /// A number below 2³⁵ as `ByteWriter.append(varint:)` wrote it; nil also for larger ones.
    public mutating func varint() -> Int? {
        var end = place
        guard let number = Self.varint(bytes.span, &end) else { return nil }
        place = end
        return number
    }

    /// The varint at `place`, below 2³⁵, and what follows it as the next place; nil when there is none.
    ///
    /// Inlined into the loops over postings, which take most of the time of a search by words.
    @inlinable @inline(__always)
    public static func varint(_ bytes: Span<UInt8>, _ place: inout Int) -> Int? {
        guard place >= 0, place < bytes.count else { return nil }
        let byte = bytes[place]
        place += 1
        if byte < 0x80 { return Int(byte) }
        var (value, shift) = (Int(byte & 0x7F), 7)
        while shift < 35, place < bytes.count {
            let byte = bytes[place]
            place += 1
            value |= Int(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        return nil
    }

    // MARK: Private

    private mutating func take(_ count: Int) -> Range<Int>? {
        guard count >= 0, count <= left else { return nil }
        defer { place += count }
        return place..<(place + count)
    }

    private mutating func number<Number: FixedWidthInteger>(_ type: Number.Type, moving: Bool = true) -> Number? {
        let width = Number.bitWidth / 8
        guard width <= left else { return nil }
        defer { if moving { place += width } }
        return Self.number(bytes, place)
    }

    private mutating func numbers<Number: FixedWidthInteger>(_ count: Int) -> [Number]? {
        let width = Number.bitWidth / 8
        // Divided, because a product with a hostile number may overflow.
        guard count >= 0, count <= left / width, let range = take(count * width) else { return nil }
        return stride(from: range.lowerBound, to: range.upperBound, by: width).map { Self.number(bytes, $0) }
    }

    private static func number<Number: FixedWidthInteger>(_ bytes: [UInt8], _ start: Int) -> Number {
        var number: Number = 0
        for byte in 0..<(Number.bitWidth / 8) { number |= Number(bytes[start + byte]) << Number(8 * byte) }
        return number
    }
}
