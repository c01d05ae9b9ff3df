import Core

/// An update, checked, and cut into the parts that go to each shard. Pure.
struct UpdatePlan: Equatable {
    /// What one message to a shard carries: places in the update, ascending.
    struct Part: Equatable {
        let shard: String
        let places: [Int]
    }

    let parts: [Part]

    /// Passages of one message, and bytes of their texts or of their vectors: half of what a shard takes.
    static let partPassages = 256
    static let partBytes = 4 << 20
    /// Faults that a message lists.
    private static let problemLimit = 5

    /// - Parameters:
    ///   - ids: of the update's passages.
    ///   - bytes: of each passage's strings.
    ///   - owners: the shard that serves each partition.
    ///   - vectorBytes: of one passage's vector; 0 when there are none.
    init(ids: [String], bytes: [Int], owners: [String], vectorBytes: Int) {
        let partCount = max(1, min(Self.partPassages, Self.partBytes / max(1, vectorBytes)))
        var places: [String: [Int]] = [:]
        for (place, id) in ids.enumerated() {
            places[owners[PartitionRouting.partition(of: id, partitionCount: owners.count)], default: []].append(place)
        }
        var parts: [Part] = []
        for (shard, places) in places.sorted(by: { $0.key < $1.key }) {
            var part: [Int] = []
            var partBytes = 0
            for place in places {
                if part.count == partCount || (!part.isEmpty && partBytes + bytes[place] > Self.partBytes) {
                    parts.append(Part(shard: shard, places: part))
                    part = []
                    partBytes = 0
                }
                part.append(place)
                partBytes += bytes[place]
            }
            if !part.isEmpty { parts.append(Part(shard: shard, places: part)) }
        }
        self.parts = parts
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
        var seen: Set<ByteString> = []
        for id in ids where !seen.insert(ByteString(id)).inserted {
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
