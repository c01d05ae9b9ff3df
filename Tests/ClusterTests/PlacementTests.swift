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
