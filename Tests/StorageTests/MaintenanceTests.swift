import Core
import Kernels
import Platform
import Synchronization
import TestSupport
import Testing
import VectorIndex

@testable import Storage

@Suite struct MaintenanceTests {
    @Test("with 40 % of the passages replaced, recall is that of a fresh index of the same passages")
    func updatesKeepRecall() throws {
        var test = try TestPartition(rows: 4500, dimension: 16)
        let queries = test.vectors(1000)
        let plan = SearchPlan(probes: 24, margin: 1.2)
        var reopenings = 0
        var live = try LivePartition(test.open())
        let before = try live.recall(queries, plan: plan)
        for round in 0..<3 {
            for part in 0..<3 {
                let numbers = (0..<200).map { (round * 600 + part * 200 + $0) * 7 % 4500 }
                _ = try live.upsert(numbers.map(TestPartition.passage), vectors: test.narrowVectors(200))
                // Rows without a list are compared one by one: recall is no worse than with lists.
                #expect(try live.recall(Array(queries[..<(200 * 16)]), plan: plan) >= before - 0.02)
            }
            #expect(live.unindexed == 600)
            if round != 1 { #expect(try live.maintainFully() > 0) }
            if round == 1 {
                // Before maintenance.
                let hits = try live.search(queries, k: 10, deadline: .never)
                live = try LivePartition(reopen(&live, test))
                reopenings += 1
                #expect(try live.search(queries, k: 10, deadline: .never) == hits)
                #expect(live.unindexed == 600)
                #expect(try live.maintainFully() > 0)
            }
            #expect(live.unindexed == 0)
        }
        #expect(live.partition.count == 4500 && live.partition.rowLimit == 6300 && reopenings == 1)
        #expect(live.coded >= 4500 && Double(live.coded - 4500) <= 0.1 * Double(live.coded))
        let hits = try live.search(queries, k: 10, deadline: .never)
        let updated = try live.recall(queries, plan: plan)
        live = try LivePartition(reopen(&live, test))
        #expect(try live.search(queries, k: 10, deadline: .never) == hits)
        let partition = try reopen(&live, test)
        _ = try test.construct(partition, generation: 2)
        let fresh = try LivePartition(partition)
        let anew = try fresh.recall(queries, plan: plan)
        #expect(updated >= anew - 0.005, "\(updated) after updates, \(anew) with a fresh index, \(before) before")
        #expect(updated > 0.9)
    }

    /// The partition, opened again after `live` has let it go.
    private func reopen(_ live: inout LivePartition, _ test: TestPartition) throws -> Partition {
        // A stand-in, so that nobody holds the open one.
        live = try LivePartition(TestPartition(rows: 1, dimension: 2, indexed: false).open(.readOnly))
        return try test.open()
    }

    @Test("dead vectors leave the lists, with their memory, and those that live stay")
    func dropsDead() throws {
        var test = try TestPartition(rows: 4500, dimension: 16)
        var live = try LivePartition(test.open())
        let (queries, bytes) = (test.vectors(200), live.indexBytes)
        _ = try live.delete(ids: (0..<200).map { "p\($0 * 5)" })
        #expect(try live.maintainFully() == 0, "a twentieth is not worth the work")
        _ = try live.delete(ids: (0..<1200).map { "p\($0 * 3)" })
        let expected = try live.search(queries, k: 10, options: SearchOptions(isExact: true), deadline: .never)
        #expect(try live.maintainFully() == 1)
        #expect(live.coded == live.partition.count && live.indexBytes < bytes)
        #expect(try live.search(queries, k: 10, options: SearchOptions(isExact: true), deadline: .never) == expected)
        let recall = try live.recall(queries)
        #expect(recall >= 0.92, "\(recall)")
        let hits = try live.search(queries, k: 10, deadline: .never)
        live = try LivePartition(reopen(&live, test))
        #expect(try live.search(queries, k: 10, deadline: .never) == hits)
        #expect(live.coded == live.partition.count)
    }

    @Test("work that is stopped between pieces loses nothing and is taken up again")
    func stoppedWork() throws {
        var test = try TestPartition(rows: 4500, dimension: 16)
        let live = try LivePartition(test.open())
        let queries = test.vectors(100)
        _ = try live.delete(ids: (0..<1200).map { "p\($0 * 3)" })
        let hits = try live.search(queries, k: 10, deadline: .never)
        let pauses = Atomic(0)
        let error = refusal { () throws(ImpRAGError) in
            _ = try live.maintain { () throws(ImpRAGError) in
                if pauses.add(1, ordering: .relaxed).newValue == 3 { throw ImpRAGError(.cancelled, "enough") }
            }
        }
        #expect(error?.code == .cancelled)
        #expect(live.coded < 4500 && live.coded > live.partition.count)
        #expect(hits.count == 100)
        let recall = try live.recall(queries)
        #expect(recall >= 0.92, "\(recall)")
        _ = try live.maintainFully()
        #expect(Double(live.coded - live.partition.count) <= 0.1 * Double(live.coded))
    }

    @Test("a passage that was replaced hundreds of times is not work without an end")
    func deadFlatRows() throws {
        var test = try TestPartition(rows: 4500, dimension: 16)
        let live = try LivePartition(test.open())
        // With a tenth of the lists' vectors dead but for a few.
        _ = try live.delete(ids: (0..<300).map { "p\(100 + $0)" })
        for _ in 0..<500 { _ = try live.upsert([TestPartition.passage(5)], vectors: test.narrowVectors(1)) }
        #expect(live.unindexed == 500 && live.partition.count == 4200)
        #expect(try live.maintainFully() == 0)
        for _ in 0..<50 { _ = try live.upsert([TestPartition.passage(5)], vectors: test.narrowVectors(1)) }
        #expect(try live.maintainFully() == 1)
        #expect(live.unindexed == 0 && live.coded <= 4500)
        #expect(Set(try live.rows(test.vectors(1), k: 10_000)[0]).count == 4200)
    }

    @Test("updates that find no room move rows into lists themselves")
    func flatLimit() throws {
        var test = try TestPartition(rows: 1200, dimension: 1024)
        let live = try LivePartition(test.open())
        let limit = LivePartition.flatHardLimit(dimension: 1024)
        var rows = 1200
        while rows < 1200 + limit + 500 {
            _ = try live.upsert((rows..<rows + 900).map(TestPartition.passage), vectors: test.narrowVectors(900))
            rows += 900
        }
        #expect(live.unindexed <= limit && live.coded > 1200)
        #expect(live.partition.count == rows && live.coded + live.unindexed == rows)
        #expect(try live.rows(test.vectors(3), k: 5).allSatisfy { $0.count == 5 })
    }

    @Test("a small partition that outgrows its limit gets its first index in the background, and is searched meanwhile")
    func firstIndex() throws {
        var test = try TestPartition(rows: 3900, dimension: 1024, indexed: false)
        let live = try LivePartition(test.open())
        #expect(try !IndexConstruction.isNeeded(for: live.partition))
        let told = Mutex<[String]>([])
        let thread = try MaintenanceThread([live], share: 1) { text in told.withLock { $0.append(text) } }
        defer { thread.stop() }
        let query = test.vectors(1)
        #expect(live.calibration == nil)
        _ = try live.upsert((3900..<4200).map(TestPartition.passage), vectors: test.narrowVectors(300))
        let end = ContinuousClock.now + .seconds(120)
        var searches = 0
        // What is told comes last.
        while told.withLock({ $0.isEmpty }), ContinuousClock.now < end {
            #expect(try live.rows(query)[0].count == 10)
            searches += 1
            _ = waitForInput(on: [], milliseconds: 20)
        }
        #expect(live.calibration != nil && live.unindexed == 0 && live.coded == 4200 && searches > 1)
        #expect(try live.recall(test.vectors(100)) >= 0.92)
        #expect(try !IndexConstruction.isNeeded(for: live.partition))
        #expect(told.withLock { $0.count == 1 && $0[0].contains("is calibrated with 400 passages' vectors") })
    }

    @Test(
        "a partition that has tripled is learnt anew; when that is stopped the old index serves on, until it is repeated"
    )
    func relearning() throws {
        var test = try TestPartition(rows: 600, dimension: 16)
        var live = try LivePartition(test.open())
        let queries = test.vectors(100)
        let total = 1900
        _ = try live.upsert((600..<total).map(TestPartition.passage), vectors: test.narrowVectors(total - 600))
        for pauses in [0, 8] {
            let left = Atomic(pauses)
            let error = refusal { () throws(ImpRAGError) in
                _ = try live.maintain { () throws(ImpRAGError) in
                    if left.subtract(1, ordering: .relaxed).newValue < 0 { throw ImpRAGError(.cancelled, "enough") }
                }
            }
            #expect(error?.code == .cancelled)
            #expect(live.generation == 1 && live.unindexed == total - 600)
            #expect(try live.recall(queries) >= 0.93)
        }
        #expect(try live.maintainFully() == 1)
        #expect(live.generation == 2 && live.unindexed == 0 && live.coded == total)
        let hits = try live.search(queries, k: 10, deadline: .never)
        #expect(try live.recall(queries) >= 0.93)
        live = try LivePartition(reopen(&live, test))
        #expect(live.generation == 2)
        #expect(try live.search(queries, k: 10, deadline: .never) == hits)
    }

    /// What updates during a piece of maintenance did.
    private struct Updates {
        var turns = 0
        var deleted: [String] = []
        var failures: [String] = []
    }

    /// Has `live` rebuild its index, and changes it at some of the pauses.
    private static func maintain(
        _ live: LivePartition, updatingWith vectors: [BFloat16], _ beacon: (vector: [BFloat16], query: [Float])
    ) throws -> Updates {
        let updates = Mutex(Updates())
        let didWork = try live.maintain { () throws(ImpRAGError) in
            let turn = updates.withLock { updates in
                updates.turns += 1
                return updates.turns
            }
            guard turn % 5 == 1, turn <= 16 else { return }
            let first = 10_000 + turn * 1000
            _ = try live.upsert((first..<first + 800).map(TestPartition.passage), vectors: vectors)
            let gone = ["p\(turn)", "p\(600 + turn)", "p\(first + 5)"]
            let count = try live.delete(ids: gone)
            if turn == 6 { _ = try live.upsert([TestPartition.passage(9999)], vectors: beacon.vector) }
            // As an update does that finds no room; what comes at the 11th turn moves at the 16th.
            if turn != 11 { try live.absorb() }
            let found = try live.search(beacon.query, k: 10, deadline: .never)[0].count
            updates.withLock { updates in
                updates.deleted += gone
                if count != 3 || found != 10 || live.generation != 1 {
                    updates.failures.append("turn \(turn): \(count) deleted, \(found) found")
                }
            }
        }
        #expect(didWork)
        return updates.withLock { $0 }
    }

    @Test("updates go on through a whole rebuild, into the old lists as well, and none is lost")
    func updatesDuringRebuild() throws {
        var test = try TestPartition(rows: 600, dimension: 16)
        var live = try LivePartition(test.open())
        _ = try live.upsert((600..<1900).map(TestPartition.passage), vectors: test.narrowVectors(1300))
        let (vectors, beacon) = (test.narrowVectors(800), test.beacon(3))
        let done = try Self.maintain(live, updatingWith: vectors, beacon)
        let deleted = done.deleted
        #expect(done.failures == [] && done.turns > 16 && deleted.count == 12)
        #expect(live.generation == 2 && live.partition.count == 1900 + 4 * 800 + 1 - 12)
        let queries = test.vectors(100)
        for isReopened in [false, true] {
            if isReopened { live = try LivePartition(reopen(&live, test)) }
            let row = try #require(try live.partition.row(of: "p9999"))
            #expect(try live.rows(beacon.query)[0].first == row)
            // Every passage is found, once, and no dead one.
            let all = try live.rows(Array(queries[..<16]), k: 10_000)[0]
            #expect(all.count == Set(all).count && all.count == live.partition.count)
            for id in deleted { #expect(try live.partition.row(of: id) == nil) }
            #expect(try live.recall(queries) >= 0.9)
        }
        _ = try live.maintainFully()
        #expect(live.unindexed < 512)
    }

    @Test("vectors of another kind than those that were learnt from lead to a new index")
    func drift() throws {
        var test = try TestPartition(rows: 600, dimension: 16)
        let live = try LivePartition(test.open())
        var others = Clusters(dimension: 16, count: 100, seed: 99)
        // Their small directions are the learnt ones' large directions.
        for round in 0..<4 {
            let vectors = others.next(600)
            let turned = vectors.indices.map { vectors[$0 / 16 * 16 + 15 - $0 % 16] }
            _ = try live.upsert(
                (0..<600).map { TestPartition.passage(3000 + round * 600 + $0) }, vectors: turned.map { BFloat16($0) })
            _ = try live.maintainFully()
        }
        #expect(live.generation ?? 0 > 1)
        #expect(live.unindexed < 512)
        #expect(try live.recall(test.vectors(100)) >= 0.9)
    }

    @Test(
        "a new index that memory has no room for is refused with the figures, after all else was done, and searches go on"
    )
    func memoryOfNewIndex() throws {
        var test = try TestPartition(rows: 600, dimension: 16)
        let partition = try test.open()
        let limit = ByteCount(try LivePartition.requiredBytes(partition).bytes + 200_000)
        let live = try LivePartition(partition, memoryLimit: limit)
        _ = try live.upsert((600..<1900).map(TestPartition.passage), vectors: test.narrowVectors(1300))
        #expect(try live.maintain(pause: {}) && live.unindexed == 0)
        let error = refusal { () throws(ImpRAGError) in while try live.maintain(pause: {}) {} }
        #expect(error?.code == .resourceExhausted && error?.message.contains(limit.description) == true)
        #expect(live.generation == 1 && live.coded == 1900)
        #expect(try live.recall(test.vectors(50)) >= 0.93)
    }
}
