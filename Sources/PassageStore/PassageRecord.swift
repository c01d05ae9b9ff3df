internal import Core

/// A passage as bytes: lengths of id and title (32 bits each, little-endian), then id, title and text as UTF-8.
enum PassageRecord {
    static func encode(_ passage: Passage) -> [UInt8] {
        let id = Array(passage.id.utf8)
        let title = Array(passage.title.utf8)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(8 + id.count + title.count + passage.text.utf8.count)
        for count in [id.count, title.count] {
            let number = UInt32(truncatingIfNeeded: count)
            for shift in stride(from: UInt32(0), to: 32, by: 8) {
                bytes.append(UInt8(truncatingIfNeeded: number >> shift))
            }
        }
        bytes += id
        bytes += title
        bytes.append(contentsOf: passage.text.utf8)
        return bytes
    }

    /// Nil when the bytes are not a record.
    static func decode(_ bytes: [UInt8]) -> Passage? {
        guard bytes.count >= 8 else { return nil }
        func length(at offset: Int) -> Int {
            (0..<4).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
        }
        let titleStart = 8 + length(at: 0)
        let textStart = titleStart + length(at: 4)
        guard titleStart <= textStart, textStart <= bytes.count,
            let id = String(validating: bytes[8..<titleStart], as: UTF8.self),
            let title = String(validating: bytes[titleStart..<textStart], as: UTF8.self),
            let text = String(validating: bytes[textStart...], as: UTF8.self)
        else { return nil }
        return Passage(id: id, title: title, text: text)
    }
}
