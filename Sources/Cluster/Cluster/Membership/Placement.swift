import Core
import Foundation

/// Which shards are to serve which partitions: rendezvous hashing with weights. Pure, and the same on every node that
/// knows the same shards.
///
/// Each shard has a score for each partition, and the best shards serve it: a shard that goes or comes changes nothing
/// between others. Few partitions would be spread unevenly by that alone, and a node's memory is planned: so no shard
/// takes more than its share and a tenth, rounded up. Scores are given out from the highest to the lowest, so what the
/// limit moves is as little as it can be ("stable allocation").
///
/// Source: Thaler & Ravishankar, "Using name-based mappings to increase hit rates", 1998; weights as in Schindelhauer &
/// Schomaker, "Weighted distributed hash tables", SPAA 2005.
public enum Placement {
    /// A shard that can serve.
    public struct Shard: Sendable, Hashable {
        public let name: String
        /// Above 0.
        public let weight: Double
        /// What fails at once with the others of the same name; empty where nobody says.
        public let zone: String

        public init(name: String, weight: Double = 1, zone: String = "") {
            self.name = name
            self.weight = weight
            self.zone = zone
        }
    }

    /// What a shard may have beyond its share.
    static let slack = 1.1
    /// What a shard may have of its share by weight alone so that replicas are in different zones: those of the others
    /// may be small, and a node's memory is planned.
    static let zoneSlack = 2.0

    /// The shards of each partition, the best first: `replicas` of them, or all when there are fewer. In different
    /// zones, as far as there are enough and no shard gets more than `zoneSlack` times its share for that.
    ///
    /// - Complexity: O(n log n) in partitions × shards.
    public static func shards(
        partitions: Int, replicas: Int, among shards: [Shard]
    ) -> [[String]] {
        struct Candidate {
            let partition: Int
            let shard: Int
            let score: Double
        }
        let copies = min(replicas, shards.count)
        var placed = [[Int]](repeating: [], count: partitions)
        var candidates: [Candidate] = []
        candidates.reserveCapacity(partitions * shards.count)
        for partition in 0..<partitions {
            for (place, shard) in shards.enumerated() {
                candidates.append(
                    Candidate(partition: partition, shard: place, score: score(partition, shard)))
            }
        }
        candidates.sort { left, right in
            if left.score != right.score { return left.score > right.score }
            return (left.partition, shards[left.shard].name) < (right.partition, shards[right.shard].name)
        }
        let shares = shares(of: shards, partitions: partitions, copies: copies, zoned: false)
        var held = [Int](repeating: 0, count: shards.count)
        func place(upTo limits: [Int]?, inOtherZones isZoned: Bool) {
            for candidate in candidates where placed[candidate.partition].count < copies {
                let (partition, shard) = (candidate.partition, candidate.shard)
                guard limits.map({ held[shard] < $0[shard] }) ?? true, !placed[partition].contains(shard) else {
                    continue
                }
                let zone = shards[shard].zone
                if isZoned, !zone.isEmpty, placed[partition].contains(where: { shards[$0].zone == zone }) { continue }
                placed[partition].append(shard)
                held[shard] += 1
            }
        }
        if Set(shards.map(\.zone)).subtracting([""]).count > 1 {
            let most = shares.map { Int((zoneSlack * $0).rounded(.up)) }
            let fair = Self.shares(of: shards, partitions: partitions, copies: copies, zoned: true).map {
                Int((slack * $0).rounded(.up))
            }
            place(upTo: zip(fair, most).map(min), inOtherZones: true)
            place(upTo: most, inOtherZones: true)
        }
        place(upTo: shares.map { Int((slack * $0).rounded(.up)) }, inOtherZones: false)
        // What finds no room within the limits is placed without them.
        place(upTo: nil, inOtherZones: false)
        return placed.map { $0.map { shards[$0].name } }
    }

    /// How many replicas each shard should have: by its weight, and with zones none of which has two of a partition.
    private static func shares(of shards: [Shard], partitions: Int, copies: Int, zoned: Bool) -> [Double] {
        // A shard without a zone is one of its own.
        let zones = shards.map { zoned ? ($0.zone.isEmpty ? "/" + $0.name : $0.zone) : "" }
        var weights: [String: Double] = [:]
        for (zone, shard) in zip(zones, shards) { weights[zone, default: 0] += shard.weight }
        var loads: [String: Double] = [:]
        var left = Double(partitions * copies)
        // What is too much for one zone is for the others.
        while zoned, weights.count > loads.count {
            let open = weights.filter { loads[$0.key] == nil }
            let weight = open.values.reduce(0, +)
            let full = open.filter { left * $0.value / weight > Double(partitions) }
            guard !full.isEmpty else { break }
            for zone in full.keys { loads[zone] = Double(partitions) }
            left -= Double(full.count * partitions)
        }
        let weight = weights.filter { loads[$0.key] == nil }.values.reduce(0, +)
        return zip(zones, shards).map { zone, shard in
            guard let load = loads[zone], let whole = weights[zone] else { return left * shard.weight / weight }
            return load * shard.weight / whole
        }
    }

    /// Higher is better; of two shards, the chance to have the higher one is as their weights.
    private static func score(_ partition: Int, _ shard: Shard) -> Double {
        let hash = PartitionRouting.hash(of: "\(partition)/\(shard.name)")
        let share = (Double(hash >> 11) + 0.5) / 0x1p53
        return -shard.weight / log(share)
    }
}
