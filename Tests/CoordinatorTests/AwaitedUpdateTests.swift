import Cluster
import Core
import Storage
import Testing
import Wire

@testable import Coordinator

struct AwaitedUpdateTests {
    private let lost = ImpRAGError(.unavailable, "the connection was lost")

    /// Partition 0 has replicas at a and b, partition 1 at b and c, partition 2 at c alone.
    private func awaited(_ partitions: Set<Int>, _ states: [String: Membership.State]) -> AwaitedUpdate {
        let topology = Topology(version: 1, nodes: [], owners: [["a", "b"], ["b", "c"], ["c"]])
        return AwaitedUpdate(
            epoch: 7, partitions: partitions, topology: topology,
            states: ["a": .ready, "b": .ready, "c": .ready].merging(states) { $1 })
    }

    private func reply(_ partitions: [Int], inserted: Int = 1) -> Result<ApplyReply, ImpRAGError> {
        .success(
            ApplyReply(
                epoch: 7,
                partitions: partitions.map {
                    PartitionOutcome(partition: $0, inserted: inserted, replaced: 0, deleted: 0)
                }))
    }

    @Test("an update of a partition that nobody serves is durable, and not found")
    func unserved() {
        let topology = Topology(version: 1, nodes: [], owners: [["a"], []])
        var update = AwaitedUpdate(epoch: 7, partitions: [0, 1], topology: topology, states: ["a": .ready])
        update.answered("a", reply([0]))
        let error = #expect(throws: ImpRAGError.self) { try update.outcome() }
        #expect(error?.code == .failedPrecondition && error?.message.contains("durable at epoch 7") == true)
        // Others' partitions are not its business.
        var other = AwaitedUpdate(epoch: 7, partitions: [0], topology: topology, states: ["a": .ready])
        other.answered("a", reply([0]))
        #expect(throws: Never.self) { try other.outcome() }
    }

    @Test("every replica of the update's partitions is asked, and what it did counts once a partition")
    func counts() throws {
        #expect(awaited([2], [:]).shards == ["c"])
        #expect(awaited([], [:]).shards.isEmpty)
        var update = awaited([0, 1], [:])
        #expect(update.shards == ["a", "b", "c"] && !update.shards.contains { update.isHurried($0) })
        update.answered("b", reply([0, 1, 2]))
        // Started since, so it does not know what the update did.
        update.answered("a", reply([]))
        update.answered("c", reply([1]))
        #expect(try update.outcome().inserted == 2)
    }

    @Test("a replica that is away is not missed while another one has the update; without any it is named")
    func away() throws {
        for state in [
            Membership.State.unknown, .loading, .stopping, .unreachable(message: "gone"), .silent(message: "no answer"),
        ] {
            var update = awaited([0, 1], ["b": state])
            #expect(update.isHurried("b") && !update.isHurried("a"))
            update.answered("a", reply([0]))
            update.answered("c", reply([1]))
            update.answered("b", .failure(ImpRAGError(.deadlineExceeded, "no answer within 1000 ms")))
            #expect(try update.outcome().inserted == 2)
        }
        var alone = awaited([2], ["c": .silent(message: "no answer")])
        // Nobody else has it, so it gets all the time there is.
        #expect(!alone.isHurried("c"))
        alone.answered("c", .failure(lost))
        let error = #expect(throws: ImpRAGError.self) { try alone.outcome() }
        #expect(error?.code == .failedPrecondition)
        #expect(error?.message.contains("durable at epoch 7") == true && error?.message.contains("c: ") == true)
    }

    @Test("a replica that is lost meanwhile is away; one that serves and does not have the update is named")
    func failed() throws {
        var update = awaited([0], [:])
        update.answered("a", reply([0]))
        update.answered("b", .failure(lost))
        #expect(try update.outcome().inserted == 1)
        var full = awaited([0], [:])
        full.answered("a", reply([0]))
        full.answered("b", .failure(ImpRAGError(.resourceExhausted, "the disk is full")))
        let error = #expect(throws: ImpRAGError.self) { try full.outcome() }
        #expect(error?.code == .failedPrecondition)
        #expect(error?.message.contains("b: ") == true && error?.message.contains("a: ") == false)
        var both = awaited([0], [:])
        both.answered("a", .failure(lost))
        both.answered("b", .failure(lost))
        #expect(throws: ImpRAGError.self) { try both.outcome() }
        // It turned silent while it was waited for; one that is only slow is named.
        let late = ImpRAGError(.deadlineExceeded, "no answer within 1000 ms")
        var silent = awaited([0], [:])
        silent.answered("a", reply([0]))
        silent.answered("b", .failure(late), state: .silent(message: "no answer"))
        #expect(try silent.outcome().inserted == 1 && silent.leftOut == ["b"])
        var slow = awaited([0], [:])
        slow.answered("a", reply([0]))
        slow.answered("b", .failure(late))
        #expect(throws: ImpRAGError.self) { try slow.outcome() }
    }

    @Test("a shard of another model is not asked, and not missed where others have the partition")
    func refused() throws {
        var update = awaited([0], ["b": .refused(message: "it runs another model")])
        let refusal = try #require(update.refusal(of: "b"))
        #expect(update.refusal(of: "a") == nil)
        update.answered("b", .failure(refusal))
        update.answered("a", reply([0]))
        #expect(try update.outcome().inserted == 1)
    }
}
