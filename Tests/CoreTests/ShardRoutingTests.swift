import Core
import Testing

@Suite struct ShardRoutingTests {
    @Test("routing never changes: finished indexes depend on it")
    func stable() {
        let shards = ["", "a", "b", "wiki-25-1", "é", "d#17"].map { ShardRouting.shard(of: $0, shardCount: 1000) }
        // From the formula, computed in Python.
        #expect(shards == [342, 315, 704, 321, 43, 962])
    }

    @Test("ids that differ in their ends spread evenly")
    func even() {
        let counts = (0..<10_000).reduce(into: [Int](repeating: 0, count: 8)) {
            $0[ShardRouting.shard(of: "id-\($1)", shardCount: 8)] += 1
        }
        #expect(counts.allSatisfy { (1100...1400).contains($0) })
    }
}
