public import Core

// Plain copies out of borrowed bytes. They are in this module because a loop over single bytes is thirty times slower
// for the gigabytes of a partition's vectors, and copying memory is `unsafe`.

extension Array where Element == UInt8 {
    /// A copy of `bytes`.
    public init(copying bytes: RawSpan) {
        self = unsafe bytes.withUnsafeBytes { unsafe Array($0) }
    }

    /// The numbers' bits, little-endian.
    public init(littleEndian numbers: [BFloat16]) {
        #if _endian(little)
            self = unsafe numbers.withUnsafeBytes { unsafe Array($0) }
        #else
            self = numbers.flatMap { [UInt8(truncatingIfNeeded: $0.bits), UInt8(truncatingIfNeeded: $0.bits >> 8)] }
        #endif
    }
}

extension Array where Element == BFloat16 {
    /// Appends the little-endian numbers in `bytes`; an odd last byte is ignored.
    public mutating func append(littleEndian bytes: RawSpan) {
        let count = bytes.byteCount / 2
        let start = self.count
        append(contentsOf: repeatElement(BFloat16(bits: 0), count: count))
        unsafe bytes.withUnsafeBytes { source in
            unsafe self.withUnsafeMutableBytes { destination in
                unsafe UnsafeMutableRawBufferPointer(rebasing: destination[(2 * start)...])
                    .copyMemory(from: UnsafeRawBufferPointer(rebasing: source[0..<(2 * count)]))
            }
        }
        #if _endian(big)
            for index in start..<self.count { self[index] = BFloat16(bits: UInt16(littleEndian: self[index].bits)) }
        #endif
    }
}
