internal import Core

extension JSONValue {
    /// The one way to write a value of which a checksum is made: no spaces, names in the order of their bytes, in texts
    /// only what JSON demands escaped, numbers in the shortest digits that read back as the same double. It is what
    /// Python's `json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)` writes.
    var canonicalText: String {
        switch self {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .integer(let value): String(value)
        case .number(let value): value.description
        // Whole numbers have all of their digits; of others, a double is all that a reader keeps.
        case .digits(let text): text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? text : double?.description ?? text
        case .string(let text): Self.quoted(text)
        case .array(let values): "[" + values.map(\.canonicalText).joined(separator: ",") + "]"
        case .object(let fields):
            "{"
                + fields.sorted { $0.key < $1.key }
                .map { "\(Self.quoted($0.key.text)):\($0.value.canonicalText)" }.joined(separator: ",") + "}"
        }
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\u{8}": quoted += "\\b"
            case "\t": quoted += "\\t"
            case "\n": quoted += "\\n"
            case "\u{C}": quoted += "\\f"
            case "\r": quoted += "\\r"
            case "\u{0}"..."\u{1F}":
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
