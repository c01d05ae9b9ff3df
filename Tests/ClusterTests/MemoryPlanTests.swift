import Cluster
import Core
import Testing

struct MemoryPlanTests {
    @Test("a plan within its budget passes; one beyond names the sum, the items and the budget")
    func budget() throws {
        var plan = MemoryPlan()
        // Of each partition, and one item of all.
        plan.add("vectors", ByteCount(40 << 20))
        plan.add("vectors", ByteCount(60 << 20))
        #expect(plan.total == ByteCount(164 << 20))
        try plan.require(within: nil, node: "shard-0")
        try plan.require(within: ByteCount(164 << 20), node: "shard-0")
        let error = #expect(throws: ImpRAGError.self) {
            try plan.require(within: ByteCount(128 << 20), node: "shard-0")
        }
        #expect(error?.code == .resourceExhausted)
        #expect(
            error?.message.contains(
                "shard-0 needs 164.0 MiB: 64.0 MiB the program, 100.0 MiB vectors, but its memory_budget is 128.0 MiB")
                == true)
    }

    @Test("sizes beyond counting saturate instead of trapping")
    func saturation() {
        var plan = MemoryPlan()
        plan.add("a", ByteCount(.max))
        plan.add("b", ByteCount(.max))
        #expect(plan.total == ByteCount(.max))
    }
}
