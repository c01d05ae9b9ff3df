/// Builds bytes from numbers and texts, one after the other. `ByteReader` reads them back.
///
/// Numbers are little-endian, except in keys, where big-endian bytes sort as the numbers do.
public struct ByteWriter: Sendable {
    public private(set) var bytes: [UInt8] = []

    public init(capacity: Int = 0) {
        bytes.reserveCapacity(capacity)
    }

    public var count: Int { bytes.count }

    public mutating func append(_ more: some Sequence<UInt8>) { bytes.append(contentsOf: more) }

    public mutating func append(_ number: UInt8) { bytes.append(number) }
    public mutating func append(_ number: UInt16) { put(number) }
    public mutating func append(_ number: UInt32) { put(number) }
    public mutating func append(_ number: UInt64) { put(number) }
    public mutating func append(_ number: Float) { put(number.bitPattern) }
    public mutating func append(_ number: Double) { put(number.bitPattern) }

    public mutating func append(_ numbers: [UInt16]) {
        bytes.reserveCapacity(bytes.count + 2 * numbers.count)
        for number in numbers { put(number) }
    }

    public mutating func append(_ numbers: [BFloat16]) {
        bytes.reserveCapacity(bytes.count + 2 * numbers.count)
        for number in numbers { put(number.bits) }
    }

    public mutating func append(_ numbers: [Float]) {
        bytes.reserveCapacity(bytes.count + 4 * numbers.count)
        for number in numbers { put(number.bitPattern) }
    }

    public mutating func append(bigEndian number: UInt16) { put(number.byteSwapped) }
    public mutating func append(bigEndian number: UInt32) { put(number.byteSwapped) }
    public mutating func append(bigEndian number: UInt64) { put(number.byteSwapped) }

    /// A varint: seven bits a byte, low ones first, the high bit set in all but the last.
    ///
    /// - Parameter number: 0 or more.
    public mutating func append(varint number: Int) {
        precondition(number >= 0, "\(number) is no varint")
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    // Generic only within this module, where it is specialised.
    private mutating func put<Number: FixedWidthInteger>(_ number: Number) {
        for shift in stride(from: 0, to: Number.bitWidth, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: number >> Number(shift)))
        }
    }
}
