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

        public init(name: String, weight: Double = 1) {
            self.name = name
            self.weight = weight
        }
    }

    /// What a shard may have beyond its share.
    static let slack = 1.1

    /// The shards of each partition, the best first: `replicas` of them, or all when there are fewer.
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
        let weights = shards.reduce(0) { $0 + $1.weight }
        var room = shards.map { shard in
            Int((slack * Double(partitions * copies) * shard.weight / weights).rounded(.up))
        }
        // What finds no room within the limits is placed without them.
        for isLimited in [true, false] {
            for candidate in candidates where placed[candidate.partition].count < copies {
                guard !isLimited || room[candidate.shard] > 0,
                    !placed[candidate.partition].contains(candidate.shard)
                else { continue }
                placed[candidate.partition].append(candidate.shard)
                room[candidate.shard] -= 1
            }
        }
        return placed.map { $0.map { shards[$0].name } }
    }

    /// Higher is better; of two shards, the chance to have the higher one is as their weights.
    private static func score(_ partition: Int, _ shard: Shard) -> Double {
        let hash = PartitionRouting.hash(of: "\(partition)/\(shard.name)")
        let share = (Double(hash >> 11) + 0.5) / 0x1p53
        return -shard.weight / log(share)
    }
}
