// A passage as bytes, little-endian:
//
//   3 × 32 bits   lengths of id, title and text
//                 id, title, text: UTF-8
//   16 bits       number of metadata fields, then for each, in the order of the names' bytes:
//     8 bits      length of the name, then the name
//     8 bits      1 string: 16 bits length, bytes; 2 number: 64 bits IEEE 754; 3 strings: 16 bits how many, each as
//                 1; 4 whole number beyond 2^53 that no double is: 64 bits

internal import Core

/// A passage as bytes.
enum PassageRecord {
    /// Which kind of value a field has; also the type byte of postings.
    enum ValueType {
        static let string: UInt8 = 1
        static let number: UInt8 = 2
        static let strings: UInt8 = 3
        static let integer: UInt8 = 4
    }

    /// - Precondition: `MetadataValue.problems` found nothing in the metadata.
    static func encode(_ passage: Passage) -> [UInt8] {
        let texts = [passage.id, passage.title, passage.text]
        var bytes: [UInt8] = []
        bytes.reserveCapacity(14 + texts.reduce(0) { $0 + $1.utf8.count })
        for text in texts { append(text.utf8.count, bytes: 4, to: &bytes) }
        for text in texts { bytes.append(contentsOf: text.utf8) }
        append(passage.metadata.count, bytes: 2, to: &bytes)
        for (field, value) in passage.metadata.sorted(by: { $0.key < $1.key }) {
            append(field.text.utf8.count, bytes: 1, to: &bytes)
            bytes.append(contentsOf: field.text.utf8)
            switch value {
            case .string(let text):
                bytes.append(ValueType.string)
                append(text, to: &bytes)
            case .number(let number):
                let integer = number.onlyInteger
                bytes.append(integer == nil ? ValueType.number : ValueType.integer)
                let bits = integer.map { UInt64(bitPattern: $0) } ?? number.nearest.bitPattern
                for shift in stride(from: UInt64(0), to: 64, by: 8) {
                    bytes.append(UInt8(truncatingIfNeeded: bits >> shift))
                }
            case .strings(let texts):
                bytes.append(ValueType.strings)
                append(texts.count, bytes: 2, to: &bytes)
                for text in texts { append(text, to: &bytes) }
            }
        }
        return bytes
    }

    /// Nil when the bytes are not a record.
    static func decode(_ bytes: [UInt8]) -> Passage? {
        var reader = Reader(bytes: bytes)
        guard let idCount = reader.number(bytes: 4), let titleCount = reader.number(bytes: 4),
            let textCount = reader.number(bytes: 4), let id = reader.text(idCount),
            let title = reader.text(titleCount), let text = reader.text(textCount), let fields = reader.number(bytes: 2)
        else { return nil }
        var metadata: [ByteString: MetadataValue] = [:]
        for _ in 0..<fields {
            guard let count = reader.number(bytes: 1), let field = reader.text(count).map(ByteString.init(_:)),
                metadata[field] == nil,
                let value = reader.value()
            else { return nil }
            metadata[field] = value
        }
        guard reader.isAtEnd, MetadataValue.problems(of: metadata).isEmpty else { return nil }
        return Passage(id: id, title: title, text: text, metadata: metadata)
    }

    private static func append(_ number: Int, bytes count: Int, to bytes: inout [UInt8]) {
        for place in 0..<count { bytes.append(UInt8(truncatingIfNeeded: number >> (8 * place))) }
    }

    private static func append(_ text: String, to bytes: inout [UInt8]) {
        append(text.utf8.count, bytes: 2, to: &bytes)
        bytes.append(contentsOf: text.utf8)
    }

    /// Reads forward and never past the end.
    private struct Reader {
        let bytes: [UInt8]
        var place = 0

        var isAtEnd: Bool { place == bytes.count }

        mutating func number(bytes count: Int) -> Int? {
            guard bytes.count - place >= count else { return nil }
            defer { place += count }
            return (0..<count).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) }
        }

        mutating func text(_ count: Int) -> String? {
            guard bytes.count - place >= count else { return nil }
            defer { place += count }
            return String(validating: bytes[place..<(place + count)], as: UTF8.self)
        }

        mutating func value() -> MetadataValue? {
            switch number(bytes: 1) {
            case Int(ValueType.string): return string().map { .string($0) }
            case Int(ValueType.number): return bits().map { .number(Number(Double(bitPattern: $0))) }
            case Int(ValueType.integer): return bits().map { .number(Number(Int64(bitPattern: $0))) }
            case Int(ValueType.strings):
                guard let count = number(bytes: 2) else { return nil }
                var texts: [String] = []
                for _ in 0..<count {
                    guard let text = string() else { return nil }
                    texts.append(text)
                }
                return .strings(texts)
            default: return nil
            }
        }

        private mutating func bits() -> UInt64? {
            guard let low = number(bytes: 4), let high = number(bytes: 4) else { return nil }
            return UInt64(low) | UInt64(high) << 32
        }

        private mutating func string() -> String? { number(bytes: 2).flatMap { text($0) } }
    }
}
