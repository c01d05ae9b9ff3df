// A term is what a posting is about: a field and a value that passages may have. As the beginning of a key:
//
//   8 bits     length of the field's name, then the name
//   8 bits     1: a string; 16 bits big-endian length, then its bytes
//              2: a number; 8 bits level, then the upper 8 − level bytes of the 64 ordered bits of its nearest double,
//                 big-endian
//              3: a whole number that no double equals; the 64 ordered bits of its nearest double, then 16 bits: the
//                 remainder + 512
//
// Lengths stand before what they measure, so no term is the beginning of another. Strings are compared byte by byte.
//
// A number has a term at each of 8 levels: level 0 is the number itself, each next one drops 8 more of its low bits. A
// range is then a run of whole level-7 terms in its middle with at most two runs of up to 255 terms at each finer level
// (Schindler & Diepenbroek, "Generic XML-based framework for metadata portals", 2008: Lucene's trie ranges). The terms
// of a run stand beside each other in the database.
//
// A whole number that no double is has, beside the terms of its nearest double, one of type 3. So of the rows of a
// double those are the double itself that have no term of type 3 with it, and the others stand there in the order of
// their numbers.

internal import Core

/// A field with a value, or with a range of numbers.
struct MetadataTerm: Hashable {
    /// Number of levels of a number.
    static let levels = 8

    /// The beginning of the keys of the term's postings.
    let bytes: [UInt8]

    init(field: String, string: String) {
        var writer = Self.head(field, PassageRecord.ValueType.string)
        writer.append(bigEndian: UInt16(string.utf8.count))
        writer.append(string.utf8)
        bytes = writer.bytes
    }

    /// - Parameter prefix: ordered bits without the low 8 · level.
    init(field: String, level: Int, prefix: UInt64) {
        var writer = Self.head(field, PassageRecord.ValueType.number)
        writer.append(UInt8(level))
        // The lower bytes of the prefix, which has `level` bytes less than a number.
        writer.append((0..<(8 - level)).reversed().map { UInt8(truncatingIfNeeded: prefix >> UInt64(8 * $0)) })
        bytes = writer.bytes
    }

    /// - Parameter remainder: `Number.remainder`, not 0.
    init(field: String, nearest: UInt64, remainder: Int) {
        var writer = Self.head(field, Self.integerType)
        writer.append(bigEndian: nearest)
        writer.append(bigEndian: UInt16(remainder + Self.remainderOffset))
        bytes = writer.bytes
    }

    private static let integerType: UInt8 = 3
    private static let remainderOffset = 512

    /// The terms of a field's value, under which filters find it.
    static func terms(of field: String, _ value: MetadataValue) -> [MetadataTerm] {
        switch value {
        case .string(let text): return [MetadataTerm(field: field, string: text)]
        case .strings(let texts): return Set(texts.map { MetadataTerm(field: field, string: $0) }).map { $0 }
        case .number(let number):
            let bits = orderedBits(number.nearest)
            let terms = (0..<levels).map { MetadataTerm(field: field, level: $0, prefix: bits >> UInt64(8 * $0)) }
            guard number.remainder != 0 else { return terms }
            return terms + [MetadataTerm(field: field, nearest: bits, remainder: number.remainder)]
        }
    }

    /// The numbers with a rest in `remainders` whose nearest double has the ordered bits `nearest`, as the first and
    /// the last of the terms beside each other; nil when there can be none.
    static func integers(
        of field: String, nearest: UInt64, remainders: ClosedRange<Int>
    ) -> (first: MetadataTerm, last: MetadataTerm)? {
        let known = remainders.clamped(to: -remainderOffset...remainderOffset)
        guard remainders.overlaps(-remainderOffset...remainderOffset) else { return nil }
        return (
            MetadataTerm(field: field, nearest: nearest, remainder: known.lowerBound),
            MetadataTerm(field: field, nearest: nearest, remainder: known.upperBound)
        )
    }

    /// Bits whose order is that of the numbers; -0 is 0.
    static func orderedBits(_ number: Double) -> UInt64 {
        let bits = (number == 0 ? 0 : number).bitPattern
        return bits >> 63 == 1 ? ~bits : bits | 1 << 63
    }

    /// A run of terms of one level.
    struct Run: Equatable {
        let level: Int
        let prefixes: ClosedRange<UInt64>
    }

    /// The runs whose numbers are exactly those with ordered bits in `range`; at most 15.
    static func runs(_ range: ClosedRange<UInt64>) -> [Run] {
        var (low, high) = (range.lowerBound, range.upperBound)
        var runs: [Run] = []
        for level in 0..<levels {
            let startsInside = low & 0xFF != 0
            let endsInside = high & 0xFF != 0xFF
            let nextLow = low >> 8 + (startsInside ? 1 : 0)
            // One more than the last whole prefix of the next level.
            let nextEnd = high >> 8 + (endsInside ? 0 : 1)
            guard level + 1 < levels, nextLow < nextEnd else {
                runs.append(Run(level: level, prefixes: low...high))
                break
            }
            if startsInside { runs.append(Run(level: level, prefixes: low...(low | 0xFF))) }
            if endsInside { runs.append(Run(level: level, prefixes: (high & ~0xFF)...high)) }
            (low, high) = (nextLow, nextEnd - 1)
        }
        return runs
    }

    private static func head(_ field: String, _ type: UInt8) -> ByteWriter {
        var writer = ByteWriter()
        writer.append(UInt8(truncatingIfNeeded: field.utf8.count))
        writer.append(field.utf8)
        writer.append(type)
        return writer
    }
}
