import Core

/// Checks updates. Pure.
enum UpdateCheck {
    /// The most problems that one error lists.
    private static let problemLimit = 5

    /// The passages that an update leaves, in its order: of those with one id, the last.
    ///
    /// - Throws: `invalidArgument` with what is wrong with any of them.
    static func passages(_ passages: [Passage], limit: Int) throws(ImpRAGError) -> [Passage] {
        var problems = problems(ofCount: passages.count, "passages", limit: limit)
        for (place, passage) in passages.enumerated() where problems.count <= problemLimit {
            let faults = passage.problems
            guard !faults.isEmpty else { continue }
            problems.append("passage \(place) ('\(passage.id.prefix(64))'): \(faults.joined(separator: ", "))")
        }
        try RequestCheck.require(problems, limit: problemLimit)
        let last = Dictionary(passages.enumerated().map { (ByteString($0.element.id), $0.offset) }) { $1 }
        return passages.enumerated().filter { last[ByteString($0.element.id)] == $0.offset }.map(\.element)
    }

    /// Throws `invalidArgument` with what is wrong with the ids of a delete.
    static func ids(_ ids: [String], limit: Int) throws(ImpRAGError) {
        var problems = problems(ofCount: ids.count, "ids", limit: limit)
        var seen: Set<ByteString> = []
        for id in ids where problems.count <= problemLimit && !seen.insert(ByteString(id)).inserted {
            problems.append("'\(id.prefix(64))' stands twice; each id may stand once")
        }
        for (place, id) in ids.enumerated() where problems.count <= problemLimit {
            if id.isEmpty { problems.append("id \(place) is empty") }
            if id.utf8.count > Passage.idByteLimit {
                problems.append("id \(place) has \(id.utf8.count) bytes; at most \(Passage.idByteLimit) are allowed")
            }
        }
        try RequestCheck.require(problems, limit: problemLimit)
    }

    private static func problems(ofCount count: Int, _ things: String, limit: Int) -> [String] {
        (1...limit).contains(count)
            ? [] : ["the update carries \(count) \(things); 1 to \(limit) (max_update_passages) are allowed"]
    }
}
