public import Core
internal import ZeroMQ

/// One entry of a key list: the public half of a key, whose it is, and what it is good for.
public struct AccessKey: Hashable, Sendable {
    /// 1 to 64 letters, digits, `-`, `_` and `.`; unique in its list.
    public let name: String
    public let role: KeyRole
    /// 40 characters of Z85.
    public let publicKey: String
    /// When it was made: RFC 3339.
    public let created: String

    public init(name: String, role: KeyRole, publicKey: String, created: String) {
        self.name = name
        self.role = role
        self.publicKey = publicKey
        self.created = created
    }

    static func isName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: Array("-_.".utf8).contains(byte)
                }
            }
    }
}

extension ObjectReader {
    /// A field that must hold a key.
    mutating func key(_ name: String, _ meaning: String) -> String? {
        guard let text = requiredString(name, meaning) else { return nil }
        guard CurveKeys.isKey(text) else {
            report(name, "is no key; \(CurveKeys.textLength) characters of Z85 are right")
            return nil
        }
        return text
    }
}

/// What a key or a key list is read from.
enum KeyText {
    /// The fields of the JSON object in `bytes`, read by `body`. Throws `invalidArgument` with all that is wrong.
    static func read<Value>(
        _ bytes: [UInt8], source: String, _ body: (inout ObjectReader) -> Value?
    ) throws(ImpRAGError) -> Value {
        let value = try JSONScanner.value(.file(source), bytes: bytes)
        let problems = Problems()
        var reader = ObjectReader(value, path: "", problems: problems)
        let result = body(&reader)
        reader.reportUnknown()
        guard problems.lines.isEmpty, let result else {
            throw ImpRAGError(.invalidArgument, "\(source): \(problems.lines.joined(separator: "; "))")
        }
        return result
    }
}
