import Core

/// An update, checked, and cut into the parts that go to each shard. Pure.
struct UpdatePlan: Equatable {
    /// What one message to a shard carries: places in the update, ascending.
    struct Part: Equatable {
        let shard: String
        let places: [Int]
    }

    let parts: [Part]

    /// Passages of one message, and bytes of their vectors: a shard takes frames as small as an envelope may be.
    static let partPassages = 256
    static let partVectorBytes = 4 << 20
    /// Faults that a message lists.
    private static let problemLimit = 5

    /// - Parameters:
    ///   - ids: of the update's passages.
    ///   - owners: the shard that serves each partition.
    ///   - vectorBytes: of one passage's vector; 0 when there are none.
    init(ids: [String], owners: [String], vectorBytes: Int) {
        let size = vectorBytes == 0 ? ids.count : max(1, min(Self.partPassages, Self.partVectorBytes / vectorBytes))
        var places: [String: [Int]] = [:]
        for (place, id) in ids.enumerated() {
            places[owners[ShardRouting.shard(of: id, shardCount: owners.count)], default: []].append(place)
        }
        parts = places.sorted { $0.key < $1.key }.flatMap { shard, places in
            stride(from: 0, to: places.count, by: max(1, size)).map { start in
                Part(shard: shard, places: Array(places[start..<min(start + size, places.count)]))
            }
        }
    }

    /// Throws `invalidArgument` with what is wrong with the passages of an update.
    static func check(_ passages: [Passage], limit: Int) throws(ImpRAGError) {
        var problems = problems(ofIDs: passages.map(\.id), "passages", limit: limit)
        for (place, passage) in passages.enumerated() where problems.count <= problemLimit {
            let faults = passage.problems
            guard !faults.isEmpty else { continue }
            problems.append("passage \(place) ('\(passage.id.prefix(64))'): \(faults.joined(separator: ", "))")
        }
        try require(problems)
    }

    /// Throws `invalidArgument` with what is wrong with the ids of a delete.
    static func check(ids: [String], limit: Int) throws(ImpRAGError) {
        var problems = problems(ofIDs: ids, "ids", limit: limit)
        if let place = ids.firstIndex(of: "") { problems.append("id \(place) is empty") }
        try require(problems)
    }

    private static func problems(ofIDs ids: [String], _ things: String, limit: Int) -> [String] {
        var problems: [String] = []
        if !(1...limit).contains(ids.count) {
            problems.append(
                "the update carries \(ids.count) \(things); 1 to \(limit) (max_update_passages) are allowed")
        }
        var seen: Set<String> = []
        for id in ids where !seen.insert(id).inserted {
            problems.append("'\(id.prefix(64))' stands twice; each id may stand once")
            if problems.count > problemLimit { break }
        }
        return problems
    }

    private static func require(_ problems: [String]) throws(ImpRAGError) {
        guard !problems.isEmpty else { return }
        let rest = problems.count > problemLimit ? "; and more" : ""
        throw ImpRAGError(.invalidArgument, problems.prefix(problemLimit).joined(separator: "; ") + rest)
    }
}
