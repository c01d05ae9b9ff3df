// Roaring's portable format, little-endian (github.com/RoaringBitmap/RoaringFormatSpec):
//
//   cookie       without runs: 32 bits 12346, 32 bits n; with runs: 16 bits 12347, 16 bits n − 1, ⌈n / 8⌉ bytes of
//                flags, bit i: container i holds runs
//   n times      16 bits: the upper half of the container's numbers; 16 bits: their count − 1
//   n times      32 bits: the container's offset; absent with runs and n < 4
//   containers   runs: 16 bits r, then r times 16 bits first entry and 16 bits length − 1;
//                up to 4096 entries: 16 bits each, ascending; otherwise an 8192-byte bitmap

/// Whether bytes are exactly one bitmap in Roaring's portable format.
enum PortableFormat {
    private static let plainCookie = 12346
    private static let runCookie = 12347
    private static let arrayLimit = 4096
    private static let bitsetBytes = 8192

    static func isValid(_ bytes: RawSpan) -> Bool {
        var reader = Reader()
        guard let cookie = reader.number(bytes: 4, in: bytes) else { return false }
        var count = 0
        var runFlags: Int?
        if cookie == plainCookie {
            guard let number = reader.number(bytes: 4, in: bytes) else { return false }
            count = number
        } else if cookie & 0xFFFF == runCookie {
            count = cookie >> 16 + 1
            runFlags = reader.place
            guard reader.skip((count + 7) / 8, in: bytes) else { return false }
        } else {
            return false
        }
        guard count <= 1 << 16 else { return false }
        let descriptions = reader.place
        guard reader.skip(4 * count, in: bytes) else { return false }
        let offsets = runFlags == nil || count >= 4 ? reader.place : nil
        if offsets != nil { guard reader.skip(4 * count, in: bytes) else { return false } }
        var lastKey = -1
        for index in 0..<count {
            let key = reader.number(at: descriptions + 4 * index, bytes: 2, in: bytes)
            let cardinality = reader.number(at: descriptions + 4 * index + 2, bytes: 2, in: bytes) + 1
            guard key > lastKey else { return false }
            lastKey = key
            if let offsets, reader.number(at: offsets + 4 * index, bytes: 4, in: bytes) != reader.place { return false }
            let isRuns =
                runFlags.map { reader.number(at: $0 + index / 8, bytes: 1, in: bytes) >> (index % 8) & 1 == 1 } ?? false
            guard isRuns ? reader.runs(of: cardinality, in: bytes) : reader.places(cardinality, in: bytes) else {
                return false
            }
        }
        return reader.place == bytes.byteCount
    }

    /// Reads forward; never past the end of the bytes.
    private struct Reader {
        var place = 0

        /// The little-endian number at `offset`, which must be inside.
        func number(at offset: Int, bytes count: Int, in bytes: RawSpan) -> Int {
            var number = 0
            for index in 0..<count {
                number |= Int(unsafe bytes.unsafeLoad(fromByteOffset: offset + index, as: UInt8.self)) << (8 * index)
            }
            return number
        }

        mutating func number(bytes count: Int, in bytes: RawSpan) -> Int? {
            guard bytes.byteCount - place >= count else { return nil }
            defer { place += count }
            return number(at: place, bytes: count, in: bytes)
        }

        mutating func skip(_ count: Int, in bytes: RawSpan) -> Bool {
            guard bytes.byteCount - place >= count else { return false }
            place += count
            return true
        }

        /// Skips runs that are in order, do not touch and hold `cardinality` entries.
        mutating func runs(of cardinality: Int, in bytes: RawSpan) -> Bool {
            guard let runs = number(bytes: 2, in: bytes), runs > 0, bytes.byteCount - place >= 4 * runs else {
                return false
            }
            var (sum, next) = (0, 0)
            for _ in 0..<runs {
                let first = number(at: place, bytes: 2, in: bytes)
                let length = number(at: place + 2, bytes: 2, in: bytes) + 1
                guard first >= next, first + length <= 1 << 16 else { return false }
                (sum, next) = (sum + length, first + length + 1)
                place += 4
            }
            return sum == cardinality
        }

        /// Skips an array of `cardinality` ascending entries, or a bitmap with that many bits set.
        mutating func places(_ cardinality: Int, in bytes: RawSpan) -> Bool {
            if cardinality <= arrayLimit {
                guard bytes.byteCount - place >= 2 * cardinality else { return false }
                var last = -1
                for _ in 0..<cardinality {
                    let value = number(at: place, bytes: 2, in: bytes)
                    guard value > last else { return false }
                    last = value
                    place += 2
                }
                return true
            }
            guard bytes.byteCount - place >= bitsetBytes else { return false }
            var sum = 0
            for _ in 0..<(bitsetBytes / 8) {
                sum += unsafe bytes.unsafeLoadUnaligned(fromByteOffset: place, as: UInt64.self).nonzeroBitCount
                place += 8
            }
            return sum == cardinality
        }
    }
}
