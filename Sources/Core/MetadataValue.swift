/// One field of a passage's metadata.
public enum MetadataValue: Sendable {
    case string(String)
    /// Finite.
    case number(Number)
    /// Matches a filter when one of them does.
    case strings([String])

    /// Limits of a passage's metadata, checked where it enters the system.
    public static let fieldLimit = 64
    public static let fieldNameByteLimit = 128
    public static let stringByteLimit = 1024
    public static let listLimit = 256

    /// The problems of `metadata`, one phrase each; empty when it is valid.
    public static func problems(of metadata: [ByteString: MetadataValue]) -> [String] {
        var problems: [String] = []
        if metadata.count > fieldLimit { problems.append("it has \(metadata.count) fields; \(fieldLimit) are allowed") }
        for (field, value) in metadata.sorted(by: { $0.key < $1.key }).map({ ($0.key.text, $0.value) }) {
            if !(1...fieldNameByteLimit).contains(field.utf8.count) {
                problems.append(
                    "a field's name has \(field.utf8.count) bytes; 1 to \(fieldNameByteLimit) are allowed")
            }
            switch value {
            case .string(let text): problems += problem(of: text, in: field)
            case .number(let number):
                if !number.isFinite { problems.append("field '\(field)' is \(number); numbers must be finite") }
            case .strings(let texts):
                if texts.count > listLimit {
                    problems.append("field '\(field)' lists \(texts.count) strings; \(listLimit) are allowed")
                }
                for text in texts { problems += problem(of: text, in: field) }
            }
        }
        return problems
    }

    private static func problem(of text: String, in field: String) -> [String] {
        guard text.utf8.count > stringByteLimit else { return [] }
        return ["a string of field '\(field)' has \(text.utf8.count) bytes; \(stringByteLimit) are allowed"]
    }
}

extension MetadataValue: Hashable {
    /// Strings are equal when their bytes are, as to a filter.
    public static func == (left: MetadataValue, right: MetadataValue) -> Bool {
        switch (left, right) {
        case (.string(let left), .string(let right)): ByteString(left) == ByteString(right)
        case (.number(let left), .number(let right)): left == right
        case (.strings(let left), .strings(let right)): left.map(ByteString.init(_:)) == right.map(ByteString.init(_:))
        default: false
        }
    }

    public func hash(into hasher: inout Hasher) {
        switch self {
        case .string(let text): hasher.combine(ByteString(text))
        case .number(let number): hasher.combine(number)
        case .strings(let texts): hasher.combine(texts.map(ByteString.init(_:)))
        }
    }
}
