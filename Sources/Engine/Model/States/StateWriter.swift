/// Appends little-endian numbers.
struct StateWriter {
    private(set) var bytes: [UInt8]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func put(_ number: some FixedWidthInteger & UnsignedInteger) {
        for shift in stride(from: 0, to: number.bitWidth, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: number >> shift))
        }
    }

    mutating func put(_ numbers: [Float]) { for number in numbers { put(number.bitPattern) } }

    mutating func put(_ numbers: [Int8]) { bytes += numbers.map { UInt8(bitPattern: $0) } }
}
