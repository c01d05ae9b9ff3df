// What models and sample queries are stored with.

/// Appends little-endian numbers.
struct NumberWriter {
    var bytes: [UInt8] = []

    mutating func put(_ number: UInt32) {
        for shift in stride(from: UInt32(0), to: 32, by: 8) { bytes.append(UInt8(truncatingIfNeeded: number >> shift)) }
    }

    mutating func put(_ numbers: [Float]) { for number in numbers { put(number.bitPattern) } }

    mutating func put(_ numbers: [UInt16]) {
        for number in numbers {
            bytes.append(UInt8(truncatingIfNeeded: number))
            bytes.append(UInt8(truncatingIfNeeded: number >> 8))
        }
    }
}

/// Reads little-endian numbers; zeros beyond the end, and remembers that it did.
struct NumberReader {
    private let stored: [UInt8]
    private var place = 0
    private var isShort = false

    init(bytes: [UInt8]) { stored = bytes }

    var isComplete: Bool { !isShort && place == stored.count }

    mutating func bytes(_ count: Int) -> [UInt8] {
        guard !isShort, count <= stored.count - place else {
            isShort = true
            return []
        }
        defer { place += count }
        return Array(stored[place..<(place + count)])
    }

    mutating func number32() -> UInt32 {
        bytes(4).reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }

    mutating func float() -> Float { Float(bitPattern: number32()) }

    mutating func floats(_ count: Int) -> [Float] {
        let found = bytes(count * 4)
        return stride(from: 0, to: found.count, by: 4).map { first in
            Float(
                bitPattern: UInt32(found[first]) | UInt32(found[first + 1]) << 8 | UInt32(found[first + 2]) << 16
                    | UInt32(found[first + 3]) << 24)
        }
    }

    mutating func numbers16(_ count: Int) -> [UInt16] {
        let found = bytes(count * 2)
        return stride(from: 0, to: found.count, by: 2).map { UInt16(found[$0]) | UInt16(found[$0 + 1]) << 8 }
    }
}
