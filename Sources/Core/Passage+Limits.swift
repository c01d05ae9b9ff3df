extension Passage {
    /// What a passage may be at most: more is refused where it comes in.
    public static let idByteLimit = 4096
    /// Bytes of title and text together.
    public static let contentByteLimit = 256 << 10

    /// What keeps it out of an index, one phrase a fault; empty when nothing does.
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
