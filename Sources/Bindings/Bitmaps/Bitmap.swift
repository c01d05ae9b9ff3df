internal import CRoaring

/// A compressed set of 32-bit numbers: one container per 65,536 of them, an array of up to 4096 entries or an 8 KiB
/// bitmap (Chambi, Lemire, Kaser, Godin: "Better bitmap performance with Roaring bitmaps", 2016). One owner.
@safe public struct Bitmap: ~Copyable {
    /// Numbers that share a container.
    public static let containerValues = 1 << 16

    private let handle: UnsafeMutablePointer<roaring_bitmap_t>

    private init(taking handle: UnsafeMutablePointer<roaring_bitmap_t>?) {
        guard let handle = unsafe handle else { preconditionFailure("no memory for a bitmap") }
        unsafe self.handle = handle
    }

    /// The empty set.
    public init() {
        unsafe self.init(taking: roaring_bitmap_create())
    }

    /// All numbers in `range`, which ends at 2³² at most.
    public init(_ range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= 1 << 32, "\(range)")
        guard !range.isEmpty else {
            self.init()
            return
        }
        unsafe self.init(taking: roaring_bitmap_from_range(UInt64(range.lowerBound), UInt64(range.upperBound), 1))
    }

    /// Reads a set from Roaring's portable format; nil when `bytes` are anything else. Every byte is checked first
    /// (`PortableFormat`): the library checks only lengths, and unordered entries would be undefined behaviour.
    public init?(portable bytes: RawSpan) {
        guard PortableFormat.isValid(bytes) else { return nil }
        let handle = unsafe bytes.withUnsafeBytes { buffer in
            unsafe roaring_bitmap_portable_deserialize_safe(
                buffer.baseAddress?.assumingMemoryBound(to: CChar.self), buffer.count)
        }
        guard let handle = unsafe handle else { return nil }
        unsafe self.init(taking: handle)
    }

    /// The same from an array.
    public init?(portable bytes: [UInt8]) {
        unsafe self.init(portable: bytes.span.bytes)
    }

    deinit {
        unsafe roaring_bitmap_free(handle)
    }

    /// How many numbers are in the set.
    public var count: Int { Int(unsafe roaring_bitmap_get_cardinality(handle)) }
    public var isEmpty: Bool { unsafe roaring_bitmap_is_empty(handle) }

    /// The smallest and the largest number; nil when the set is empty.
    public var bounds: ClosedRange<Int>? {
        guard !isEmpty else { return nil }
        return unsafe Int(roaring_bitmap_minimum(handle))...Int(roaring_bitmap_maximum(handle))
    }

    /// The set in Roaring's portable format, the same on every machine.
    public var portable: [UInt8] {
        let size = unsafe roaring_bitmap_portable_size_in_bytes(handle)
        return unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            count = unsafe roaring_bitmap_portable_serialize(
                handle, UnsafeMutableRawPointer(buffer.baseAddress)?.assumingMemoryBound(to: CChar.self))
        }
    }

    public mutating func insert(_ number: Int) {
        unsafe roaring_bitmap_add(handle, Self.checked(number))
    }

    public mutating func insert(contentsOf numbers: [UInt32]) {
        unsafe numbers.withUnsafeBufferPointer { buffer in
            unsafe roaring_bitmap_add_many(handle, buffer.count, buffer.baseAddress)
        }
    }

    public mutating func formUnion(_ other: borrowing Bitmap) {
        unsafe roaring_bitmap_or_inplace(handle, other.handle)
    }

    public mutating func formIntersection(_ other: borrowing Bitmap) {
        unsafe roaring_bitmap_and_inplace(handle, other.handle)
    }

    /// Removes what is in `other`.
    public mutating func subtract(_ other: borrowing Bitmap) {
        unsafe roaring_bitmap_andnot_inplace(handle, other.handle)
    }

    /// Lends the numbers to `body` in ascending order, a few thousand at a time.
    public borrowing func forEachPiece(_ body: (Span<UInt32>) -> Void) {
        let limit: UInt32 = 4096
        let piece = UnsafeMutableBufferPointer<UInt32>.allocate(capacity: Int(limit))
        let iterator = unsafe roaring_create_iterator(handle)
        defer {
            unsafe roaring_free_uint32_iterator(iterator)
            unsafe piece.deallocate()
        }
        while true {
            let count = unsafe roaring_read_uint32_iterator(iterator, piece.baseAddress, limit)
            if count == 0 { return }
            unsafe body(UnsafeBufferPointer(rebasing: piece[0..<Int(count)]).span)
        }
    }

    /// The numbers in ascending order.
    public var numbers: [UInt32] {
        var numbers: [UInt32] = []
        numbers.reserveCapacity(count)
        forEachPiece { piece in for index in piece.indices { numbers.append(piece[index]) } }
        return numbers
    }

    /// The numbers below `bitCount` as bits: bit n mod 64 of word n / 64 is number n.
    public borrowing func words(bitCount: Int) -> [UInt64] {
        var words = [UInt64](repeating: 0, count: (bitCount + 63) / 64)
        forEachPiece { piece in
            for index in piece.indices {
                let number = Int(piece[index])
                if number < bitCount { words[number >> 6] |= 1 << UInt64(number & 63) }
            }
        }
        return words
    }

    private static func checked(_ number: Int) -> UInt32 {
        precondition(number >= 0 && number < 1 << 32, "\(number) is not a 32-bit number")
        return UInt32(truncatingIfNeeded: number)
    }
}
