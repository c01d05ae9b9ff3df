import Cluster
import Core

/// A checked update, split into the messages for each shard. Pure.
struct UpdatePlan: Equatable {
    /// One message to a shard: `places` are indices into the update, ascending.
    struct Part: Equatable {
        let shard: String
        /// Whether its counts go into the reply; other replicas would count the same passages again.
        let isPrimary: Bool
        let places: [Int]
    }

    /// One shard's replicas that come first in their partitions' lists, or those that do not.
    private struct Target: Hashable {
        let shard: String
        let isPrimary: Bool
    }

    let parts: [Part]

    /// Passages per message, and bytes of their texts or of their vectors: half of what a shard accepts.
    static let partPassages = 256
    static let partBytes = 4 << 20
    /// The most problems that one error lists.
    private static let problemLimit = 5

    /// - Parameters:
    ///   - ids: the ids of the update's passages.
    ///   - bytes: the size of each passage's strings.
    ///   - collection: every replica of a passage's partition gets the passage.
    ///   - vectorBytes: the size of one passage's vector; 0 when there are none.
    init(ids: [String], bytes: [Int], to collection: Topology.Collection, vectorBytes: Int) {
        let partCount = max(1, min(Self.partPassages, Self.partBytes / max(1, vectorBytes)))
        var places: [Target: [Int]] = [:]
        for (place, id) in ids.enumerated() {
            for (number, shard) in collection.partition(of: id).replicas.enumerated() {
                places[Target(shard: shard, isPrimary: number == 0), default: []].append(place)
            }
        }
        var parts: [Part] = []
        for target in places.keys.sorted(by: { ($0.shard, $0.isPrimary ? 0 : 1) < ($1.shard, $1.isPrimary ? 0 : 1) }) {
            func add(_ places: [Int]) {
                parts.append(Part(shard: target.shard, isPrimary: target.isPrimary, places: places))
            }
            var part: [Int] = []
            var partBytes = 0
            for place in places[target] ?? [] {
                if part.count == partCount || (!part.isEmpty && partBytes + bytes[place] > Self.partBytes) {
                    add(part)
                    part = []
                    partBytes = 0
                }
                part.append(place)
                partBytes += bytes[place]
            }
            if !part.isEmpty { add(part) }
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
        try RequestCheck.require(problems, limit: problemLimit)
    }

    /// Throws `invalidArgument` with what is wrong with the ids of a delete.
    static func check(ids: [String], limit: Int) throws(ImpRAGError) {
        var problems = problems(ofIDs: ids, "ids", limit: limit)
        if let place = ids.firstIndex(of: "") { problems.append("id \(place) is empty") }
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
