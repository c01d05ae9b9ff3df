import Cluster
import Core
import Testing
import VectorIndex

@testable import Evaluation

/// Plans of known inputs.
@Suite struct CapacityPlanTests {
    /// About Llama-3.2-1B's sizes.
    private static let model = PlanModel(
        dimension: 512, compute: .bf16, bottomWeights: ByteCount(600 << 20), weights: ByteCount(3 << 30),
        bottomActivations: ByteCount(128 << 20), activations: ByteCount(160 << 20), bottomProducts: 243e6,
        readingProducts: 730e6, products: 1236e6, stateBytesPerToken: 16384, cacheBytesPerToken: 32768, topK: 10,
        maxPassageTokens: 160, maxPositions: 131_072)

    private func plan(
        passages: Int = 37_500_000, recall: Double = 0.95, rate: Double = 50,
        _ change: (inout PlanRequest) -> Void = { _ in }
    ) throws(ImpRAGError) -> CapacityPlan {
        var request = PlanRequest(passages: passages, recall: recall, searchesPerSecond: rate)
        change(&request)
        return try CapacityPlan(request, Self.model)
    }

    @Test("Wikipedia's 37.5 million passages make 8 partitions that one shard of 16 GiB holds, twice")
    func wikipedia() throws {
        let plan = try plan()
        #expect(plan.partitions == 8 && plan.partitionRows == 4_687_500)
        #expect(plan.shardsPerReplica == 1 && plan.shard.count == 2)
        // 128 bytes of code and 6 of row number and scale a vector, and lists.
        let codes = try #require(plan.shard.memory.first { $0.what == "codes and lists" })
        #expect((134...138).contains(Double(codes.size.bytes) / 37.5e6))
        #expect(plan.stored.first?.what == "vectors" && plan.stored.first?.bytes == ByteCount(37_500_000 * 1024))
        #expect(plan.coordinator.count == 3 && plan.generator.count == 2 && plan.machines.one == 7)
        #expect(plan.machines.least >= 2 && plan.machines.least <= 7)
    }

    @Test("codes of 32 bytes leave 1.6 GB for 37.5 million vectors of 192 numbers, and take more vectors for it")
    func shortCodes() throws {
        let bytes = [nil, CodeSize.bytes64, .bytes32].map { size in
            8 * PlannedNode.indexBytes(rows: 4_687_500, dimension: 192, size).bytes
        }
        #expect((5_000_000_000...5_200_000_000).contains(bytes[0]) && bytes[1] < bytes[0])
        #expect((1_450_000_000...1_600_000_000).contains(bytes[2]))
        let (usual, short) = (try plan(), try plan { $0.codeSize = .bytes32 })
        #expect(short.search.rescored > usual.search.rescored && short.search.scanned == usual.search.scanned)
        #expect(short.shard.memoryTotal < usual.shard.memoryTotal)
        #expect(short.stored.reduce(0) { $0 + $1.bytes.bytes } < usual.stored.reduce(0) { $0 + $1.bytes.bytes })
    }

    @Test("the same request gives the same plan; each further replica adds as many shards")
    func replicas() throws {
        let counts = try (1...4).map { replicas in try plan { $0.replicas = replicas }.shard.count }
        #expect(counts == [1, 2, 3, 4])
        let (first, second) = (try plan(), try plan())
        #expect(first.storeBytes == second.storeBytes && first.searchLatency == second.searchLatency)
        // Without a replica nothing is to be replaced, so nothing has a spare.
        let alone = try plan { $0.replicas = 1 }
        #expect(alone.coordinator.count == 2 && alone.generator.count == 1)
    }

    @Test("machines with less memory hold fewer partitions each, and more searches take more shards")
    func shards() throws {
        let small = try plan(rate: 20) { $0.machineMemory = ByteCount(29 << 28) }
        #expect(small.shardsPerReplica == 2 && small.shard.count == 4)
        #expect(small.shard.memoryTotal.bytes < 29 << 28)
        let busy = try plan(rate: 2000) { $0.machineMemory = ByteCount(64 << 30) }
        #expect(busy.shardsPerReplica > 1 && busy.shard.cores <= 8)
        // What a search takes stays, and the slowest shard has less of it.
        #expect(try busy.searchLatency.p50 <= plan().searchLatency.p50)
    }

    @Test("partitions that are given stay as they are; a small collection has one, which is searched exactly")
    func partitions() throws {
        #expect(try plan { $0.partitions = 3 }.partitions == 3)
        let small = try plan(passages: 1000)
        #expect(small.partitions == 1 && small.partitionRows == 1000)
        let codes = small.shard.memory.first { $0.what == "codes and lists" }
        #expect(codes?.size == ByteCount(1008 * (512 + 8) + 1000 * (2 * 512 + 8)))
        let tiny = try plan(passages: 1)
        #expect(tiny.search.rescored == 1 && tiny.search.scanned <= 1)
    }

    @Test("what no machine can serve is refused, with both figures", arguments: [100_000_000_000, 1_000_000])
    func refusal(passages: Int) throws {
        let error = #expect(throws: ImpRAGError.self) {
            try plan(passages: passages) { $0.machineMemory = ByteCount(passages > 1_000_000_000 ? 16 << 30 : 1 << 29) }
        }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains("machines") == true, "\(error as Any)")
    }

    @Test("more recall, more rows and more numbers never cost less")
    func monotone() {
        var last = 0.0
        for recall in stride(from: 0.5, to: 0.999, by: 0.01) {
            let seconds = SearchEstimate(rows: 1_000_000, dimension: 256, recall: recall).seconds
            #expect(seconds >= last && seconds < 1, "\(recall)")
            last = seconds
        }
        last = 0
        for rows in [1, 100, 10_000, 1_000_000, 100_000_000] {
            let estimate = SearchEstimate(rows: rows, dimension: 256, recall: 0.95)
            #expect(estimate.seconds > last && estimate.scanned <= Double(rows))
            last = estimate.seconds
        }
        let times = [64, 256, 1024].map {
            BuildEstimate(rows: 1 << 20, dimension: $0, partitions: 1, cores: 2, hasWords: true)
        }
        #expect(times[0].seconds < times[1].seconds && times[1].seconds < times[2].seconds)
    }

    @Test("parts divide the embedding alone, cores all but writing and words, and words are optional")
    func time() throws {
        let one = try plan()
        let four = try plan { $0.parts = 4 }
        #expect(abs(4 * four.build.embedSeconds - one.build.embedSeconds) < 1e-6 * one.build.embedSeconds)
        #expect(four.build.indexSeconds == one.build.indexSeconds)
        let wide = try plan { $0.machineCores = 16 }
        #expect(wide.build.trainSeconds < one.build.trainSeconds && wide.build.writeSeconds == one.build.writeSeconds)
        let wordless = try plan { $0.hasWords = false }
        #expect(wordless.build.wordsSeconds == 0 && wordless.storeBytes.checkpoints < one.storeBytes.checkpoints)
    }

    @Test("as many generators as the answers a second need, and one more")
    func answers() throws {
        let few = try plan { $0.answersPerSecond = 0.1 }
        let many = try plan { $0.answersPerSecond = 10 }
        #expect(few.generator.count == 2 && many.generator.count > few.generator.count)
        #expect(Double(many.generator.count - 1) * few.answersPerSecond.read / 2 >= 10)
        #expect(many.answersPerSecond.stored > many.answersPerSecond.read)
    }

    @Test("every constant has a name of its own, a unit and a source; what nodes decide is as they decide it")
    func constants() {
        let all = PlanConstants.all
        #expect(Set(all.map(\.name)).count == all.count)
        #expect(all.allSatisfy { !$0.unit.isEmpty && !$0.source.isEmpty && $0.value > 0 })
        #expect(PlannedNode.mebibytes(PlanConstants.program) == MemoryPlan.base)
    }

    @Test("a plan says what dominates it: five drivers, each with what would change it")
    func drivers() throws {
        let drivers = try plan().drivers
        #expect(drivers.count == 5 && drivers.allSatisfy { !$0.what.isEmpty && !$0.remedy.isEmpty })
        #expect(drivers[0].what.contains("codes and lists") && drivers[1].remedy.contains("recall 0.98"))
        #expect(drivers[2].what.contains("embedding"))
    }
}
