import Core

/// Checks updates. Pure.
enum UpdateCheck {
    /// The most problems that one error lists.
    private static let problemLimit = 5

    /// Throws `invalidArgument` with what is wrong with the passages of an update.
    static func passages(_ passages: [Passage], limit: Int) throws(ImpRAGError) {
        var problems = problems(ofIDs: passages.map(\.id), "passages", limit: limit)
        for (place, passage) in passages.enumerated() where problems.count <= problemLimit {
            let faults = passage.problems
            guard !faults.isEmpty else { continue }
            problems.append("passage \(place) ('\(passage.id.prefix(64))'): \(faults.joined(separator: ", "))")
        }
        try RequestCheck.require(problems, limit: problemLimit)
    }

    /// Throws `invalidArgument` with what is wrong with the ids of a delete.
    static func ids(_ ids: [String], limit: Int) throws(ImpRAGError) {
        var problems = problems(ofIDs: ids, "ids", limit: limit)
        for (place, id) in ids.enumerated() where problems.count <= problemLimit {
            if id.isEmpty { problems.append("id \(place) is empty") }
            if id.utf8.count > Passage.idByteLimit {
                problems.append("id \(place) has \(id.utf8.count) bytes; at most \(Passage.idByteLimit) are allowed")
            }
        }
        try RequestCheck.require(problems, limit: problemLimit)
    }

    private static func problems(ofIDs ids: [String], _ things: String, limit: Int) -> [String] {
        var problems: [String] = []
        if !(1...limit).contains(ids.count) {
            problems.append(
                "the update carries \(ids.count) \(things); 1 to \(limit) (max_update_passages) are allowed")
        }
        var seen: Set<ByteString> = []
        for id in ids where !seen.insert(ByteString(id)).inserted {
            problems.append("'\(id.prefix(64))' stands twice; each id may stand once")
            if problems.count > problemLimit { break }
        }
        return problems
    }
}
