import Core
import Testing

@testable import Cluster

struct PlacementTests {
    private static func shards(_ count: Int) -> [Placement.Shard] {
        (0..<count).map { Placement.Shard(name: "shard-\($0)") }
    }

    private static func place(_ partitions: Int, _ replicas: Int, _ shards: [Placement.Shard]) -> [[String]] {
        Placement.shards(partitions: partitions, replicas: replicas, among: shards)
    }

    private static func held(_ placed: [[String]]) -> [String: Int] {
        placed.joined().reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }

    @Test("every partition has its replicas on different shards, or on all when there are fewer")
    func replicas() {
        for (partitions, count, shards) in [(1, 1, 1), (8, 2, 3), (8, 3, 2), (5, 2, 1), (64, 3, 12), (3, 2, 0)] {
            let placed = Self.place(partitions, count, Self.shards(shards))
            #expect(placed.count == partitions)
            for names in placed {
                #expect(names.count == min(count, shards) && Set(names).count == names.count)
            }
        }
    }

    @Test("the placement is the same whatever order the shards are known in, and on every machine")
    func order() {
        let shards = Self.shards(5)
        #expect(Self.place(16, 2, shards) == Self.place(16, 2, shards.reversed()))
        #expect(Self.place(3, 2, Self.shards(3)) == Self.place(3, 2, Self.shards(3).shuffled()))
    }

    @Test("no shard has much more than its share", arguments: [(8, 2, 3), (16, 3, 5), (64, 2, 10), (256, 2, 10)])
    func balance(partitions: Int, replicas: Int, count: Int) {
        let share = Double(partitions * replicas) / Double(count)
        for (name, held) in Self.held(Self.place(partitions, replicas, Self.shards(count))) {
            #expect(held <= Int((share * Placement.slack).rounded(.up)), "\(name)")
        }
    }

    @Test("a shard of twice the weight has about twice the partitions")
    func weights() {
        let shards = [Placement.Shard(name: "big", weight: 2)] + Self.shards(6)
        let held = Self.held(Self.place(256, 2, shards))
        #expect((110...140).contains(held["big"] ?? 0), "\(held)")
    }

    /// `counts[z]` shards in zone z, each with a name that says so.
    private static func zoned(_ counts: [Int]) -> [Placement.Shard] {
        counts.enumerated().flatMap { zone, count in
            (0..<count).map { Placement.Shard(name: "z\(zone)-\($0)", zone: "z\(zone)") }
        }
    }

    private static func zones(_ names: [String]) -> Set<String> { Set(names.map { String($0.prefix(2)) }) }

    @Test("replicas of a partition are in different zones, and shards of even zones have no more than their share")
    func zones() {
        for (partitions, replicas, counts) in [
            (8, 2, [1, 1]), (8, 2, [2, 2]), (64, 2, [3, 3, 3]), (256, 3, [5, 5, 5]), (16, 2, [4, 4]),
            (7, 3, [1, 1, 1]),
            (100, 2, [2, 2, 2, 2]),
        ] {
            let shards = Self.zoned(counts)
            let placed = Self.place(partitions, replicas, shards)
            for names in placed { #expect(names.count == replicas && Self.zones(names).count == replicas) }
            let share = Double(partitions * replicas) / Double(shards.count)
            for (name, held) in Self.held(placed) {
                #expect(held <= Int((Placement.zoneSlack * share).rounded(.up)), "\(partitions) \(counts): \(name)")
            }
            let over = Self.held(placed).values.reduce(0) { $0 + max(0, $1 - Int((share * 1.1).rounded(.up))) }
            #expect(over <= partitions * replicas / 20, "\(partitions) \(counts): \(Self.held(placed))")
            #expect(placed == Self.place(partitions, replicas, shards.shuffled()))
        }
    }

    @Test(
        "whatever the zones are, each partition has its replicas, and no shard gets more than twice its share for them")
    func anyZones() {
        var random = SplitMix64(seed: 12)
        for _ in 0..<200 {
            let counts = (0..<Int.random(in: 1...4, using: &random)).map { _ in Int.random(in: 1...5, using: &random) }
            let (partitions, replicas) = (Int.random(in: 1...64, using: &random), Int.random(in: 1...3, using: &random))
            let nowhere = (0..<Int.random(in: 0...2, using: &random)).map { Placement.Shard(name: "n\($0)") }
            let shards = Self.zoned(counts) + nowhere
            let placed = Self.place(partitions, replicas, shards)
            let copies = min(replicas, shards.count)
            for names in placed { #expect(names.count == copies && Set(names).count == copies) }
            guard copies < shards.count else { continue }
            let share = Double(partitions * copies) / Double(shards.count)
            let most = Int((Placement.zoneSlack * share).rounded(.up))
            #expect(Self.held(placed).values.allSatisfy { $0 <= most }, "\(partitions) \(copies) \(counts) \(nowhere)")
        }
    }

    @Test("a small zone gives its shards at most twice their share; what is left shares a zone")
    func unevenZones() {
        let placed = Self.place(60, 2, Self.zoned([5, 1]))
        #expect(Self.held(placed)["z1-0"] == 40)
        #expect(placed.count { Self.zones($0).count == 2 } == 40)
        // A zone goes: all are in the other one until it is back.
        #expect(Self.place(8, 2, Self.zoned([2])).allSatisfy { $0.count == 2 })
    }

    @Test("with zones, too, a shard that comes takes partitions from others, and little moves between those")
    func zonedGrowth() {
        for (partitions, counts) in [(64, [3, 3, 3]), (256, [4, 4, 4])] {
            let before = Self.place(partitions, 2, Self.zoned(counts))
            let after = Self.place(partitions, 2, Self.zoned([counts[0] + 1] + counts.dropFirst()))
            var between = 0
            for (old, new) in zip(before, after) {
                between += new.count { !old.contains($0) && $0 != "z0-\(counts[0])" }
            }
            #expect(between <= partitions * 2 / 10, "\(counts): \(between)")
        }
    }

    @Test("a shard that comes takes partitions from others, and next to nothing moves between those")
    func growth() {
        for (partitions, count) in [(8, 3), (16, 4), (64, 10), (256, 10), (256, 20)] {
            let before = Self.place(partitions, 2, Self.shards(count))
            let after = Self.place(partitions, 2, Self.shards(count + 1))
            var (toNew, between) = (0, 0)
            for (old, new) in zip(before, after) {
                for name in new where !old.contains(name) {
                    if name == "shard-\(count)" { toNew += 1 } else { between += 1 }
                }
            }
            #expect(toNew > 0 && between <= 2 + partitions * 2 / 20, "\(partitions) \(count): \(toNew) \(between)")
        }
    }

    @Test("when a shard goes, its partitions are placed anew, and next to nothing else moves")
    func loss() {
        for (partitions, count) in [(8, 3), (16, 4), (64, 10), (256, 10), (256, 20)] {
            let before = Self.place(partitions, 2, Self.shards(count))
            let after = Self.place(partitions, 2, Self.shards(count - 1))
            var (must, moved) = (0, 0)
            for (old, new) in zip(before, after) {
                must += old.contains("shard-\(count - 1)") ? 1 : 0
                moved += new.count { !old.contains($0) }
            }
            #expect(
                moved >= must && moved - must <= 2 + partitions * 2 / 20, "\(partitions) \(count): \(moved) \(must)")
        }
    }

    @Test("a shard loads what is placed with it, what nobody serves first")
    func loading() {
        let steps = ReplicaSchedule.steps(
            of: "a", holding: [2], wanted: [["a", "b"], ["b", "c"], ["a", "c"], ["c", "a"]],
            announced: [["b"], [], ["a"], []])
        #expect(steps.load == [3, 0] && steps.spare.isEmpty)
    }

    @Test("a shard gives a partition up only when all that it is placed with serve it")
    func release() {
        func spare(_ announced: [Set<String>]) -> Set<Int> {
            ReplicaSchedule.steps(of: "a", holding: [0], wanted: [["b", "c"]], announced: announced).spare
        }
        #expect(spare([["a", "b"]]) == [])
        #expect(spare([["a", "b", "d"]]) == [])
        #expect(spare([["a", "b", "c"]]) == [0])
        // Without any shard to place it with, it stays where it is.
        #expect(ReplicaSchedule.steps(of: "a", holding: [0], wanted: [[]], announced: [["b"]]).spare == [])
    }

    @Test("whatever shards do in whatever order, each partition keeps as many serving replicas as it had, and settles")
    func convergence() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<50 {
            let wanted = Self.place(12, 2, Self.shards(Int.random(in: 2...6, using: &random)))
            let names = Self.shards(6).map(\.name)
            // Everything begins somewhere.
            var held: [String: Set<Int>] = [:]
            for partition in 0..<12 {
                for name in names.shuffled(using: &random).prefix(2) { held[name, default: []].insert(partition) }
            }
            for _ in 0..<400 {
                let announced = (0..<12).map { partition in
                    Set(names.filter { held[$0]?.contains(partition) == true })
                }
                #expect(announced.allSatisfy { $0.count >= 2 })
                guard let name = names.randomElement(using: &random) else { break }
                let steps = ReplicaSchedule.steps(
                    of: name, holding: held[name] ?? [], wanted: wanted, announced: announced)
                if let first = steps.load.first { held[name, default: []].insert(first) }
                held[name]?.subtract(steps.spare)
            }
            for (partition, shards) in wanted.enumerated() {
                #expect(Set(names.filter { held[$0]?.contains(partition) == true }) == Set(shards))
            }
        }
    }
}
