extension Passage {
    /// Limits of a passage, checked where it enters the system.
    public static let idByteLimit = 4096
    /// Bytes of title and text together.
    public static let contentByteLimit = 256 << 10

    /// About the size it has in a message: its strings, and some overhead per field.
    public var byteCount: Int {
        metadata.reduce(id.utf8.count + title.utf8.count + text.utf8.count + 32) { sum, entry in
            let value =
                switch entry.value {
                case .string(let text): text.utf8.count
                case .number: 8
                case .strings(let texts): texts.reduce(0) { $0 + $1.utf8.count + 4 }
                }
            return sum + entry.key.text.utf8.count + value + 16
        }
    }

    /// Why it cannot be indexed, one phrase per problem; empty when it can.
    public var problems: [String] {
        var problems: [String] = []
        if id.isEmpty { problems.append("its id is empty") }
        if id.utf8.count > Self.idByteLimit {
            problems.append("its id has \(id.utf8.count) bytes; at most \(Self.idByteLimit) are allowed")
        }
        if text.allSatisfy(\.isWhitespace) { problems.append("its text is empty or only white space") }
        let bytes = title.utf8.count + text.utf8.count
        if bytes > Self.contentByteLimit {
            problems.append("title and text have \(bytes) bytes; at most \(Self.contentByteLimit) are allowed")
        }
        return problems + MetadataValue.problems(of: metadata)
    }
}
