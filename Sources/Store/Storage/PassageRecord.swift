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
        var writer = ByteWriter(capacity: 14 + texts.reduce(0) { $0 + $1.utf8.count })
        for text in texts { writer.append(UInt32(text.utf8.count)) }
        for text in texts { writer.append(text.utf8) }
        writer.append(UInt16(passage.metadata.count))
        for (field, value) in passage.metadata.sorted(by: { $0.key < $1.key }) {
            writer.append(UInt8(field.text.utf8.count))
            writer.append(field.text.utf8)
            append(value, to: &writer)
        }
        return writer.bytes
    }

    /// Nil when the bytes are not a record.
    static func decode(_ bytes: [UInt8]) -> Passage? {
        var reader = ByteReader(bytes)
        guard let idCount = reader.uint32(), let titleCount = reader.uint32(), let textCount = reader.uint32(),
            let id = reader.text(Int(idCount)), let title = reader.text(Int(titleCount)),
            let text = reader.text(Int(textCount)), let fields = reader.uint16()
        else { return nil }
        var metadata: [ByteString: MetadataValue] = [:]
        for _ in 0..<fields {
            guard let count = reader.uint8(), let field = reader.text(Int(count)).map(ByteString.init(_:)),
                metadata[field] == nil, let value = value(&reader)
            else { return nil }
            metadata[field] = value
        }
        guard reader.isAtEnd, MetadataValue.problems(of: metadata).isEmpty else { return nil }
        return Passage(id: id, title: title, text: text, metadata: metadata)
    }

    // MARK: Values

    private static func append(_ value: MetadataValue, to writer: inout ByteWriter) {
        func append(_ text: String) {
            writer.append(UInt16(text.utf8.count))
            writer.append(text.utf8)
        }
        switch value {
        case .string(let text):
            writer.append(ValueType.string)
            append(text)
        case .number(let number):
            if let integer = number.onlyInteger {
                writer.append(ValueType.integer)
                writer.append(UInt64(bitPattern: integer))
            } else {
                writer.append(ValueType.number)
                writer.append(number.nearest)
            }
        case .strings(let texts):
            writer.append(ValueType.strings)
            writer.append(UInt16(texts.count))
            for text in texts { append(text) }
        }
    }

    private static func value(_ reader: inout ByteReader) -> MetadataValue? {
        func string() -> String? { reader.uint16().flatMap { reader.text(Int($0)) } }
        switch reader.uint8() {
        case ValueType.string: return string().map { .string($0) }
        case ValueType.number: return reader.double().map { .number(Number($0)) }
        case ValueType.integer: return reader.uint64().map { .number(Number(Int64(bitPattern: $0))) }
        case ValueType.strings:
            guard let count = reader.uint16() else { return nil }
            var texts: [String] = []
            for _ in 0..<count {
                guard let text = string() else { return nil }
                texts.append(text)
            }
            return .strings(texts)
        default: return nil
        }
    }
}
