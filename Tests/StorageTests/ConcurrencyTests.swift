import Core
import Kernels
import Synchronization
import TestSupport
import Testing
import VectorIndex

@testable import Storage

/// Searches, updates, maintenance and the meter at once, as in a shard that is served.
@Suite struct ConcurrencyTests {
    /// What the threads tell each other.
    private final class Board: Sendable {
        /// Rows that were dead when the set was read.
        let dead = Mutex<Set<Int>>([])
        let failures = Mutex<[String]>([])
        let searches = Atomic(0)
        let updates = Atomic(0)
        let works = Atomic(0)

        func fail(_ what: String) { failures.withLock { $0.append(what) } }
    }

    private static let searchers = 3
    private static let seconds = 3.0

    @Test("no search returns a dead passage, a passage twice or hits out of order while all changes")
    func everythingAtOnce() throws {
        var test = try TestPartition(rows: 4500, dimension: 16)
        let live = try LivePartition(test.open())
        let queries = test.vectors(300)
        let updates = test.narrowVectors(20_000)
        let board = Board()
        let meter = try RecallMeter(live, share: 1)
        let end = ContinuousClock.now + .seconds(Self.seconds)
        // Every thread of the pool takes one piece, and none of them ends before the time is over.
        WorkerPool(threadCount: Self.searchers + 2).run(Self.searchers + 2) { role in
            do throws(ImpRAGError) {
                switch role {
                case 0: try Self.update(live, updates, board, until: end)
                case 1:
                    while ContinuousClock.now < end {
                        if try live.maintain(pause: {}) { board.works.add(1, ordering: .relaxed) }
                    }
                default: try Self.search(live, queries, meter, board, until: end, seed: role)
                }
            } catch {
                board.fail("\(error.code): \(error.message)")
            }
        }
        meter.stop()
        #expect(board.failures.withLock { $0 } == [])
        #expect(board.searches.load(ordering: .relaxed) > 50 && board.updates.load(ordering: .relaxed) > 5)
        #expect(board.works.load(ordering: .relaxed) > 0)
        _ = try live.maintainFully()
        #expect(try live.recall(queries) >= 0.9)
        // What memory says is what the disk says.
        let reread = try LivePartition(live.partition)
        let hits = try live.search(queries, k: 20, deadline: .never)
        #expect(try reread.search(queries, k: 20, deadline: .never) == hits)
    }

    private static func update(
        _ live: LivePartition, _ vectors: [BFloat16], _ board: Board, until end: ContinuousClock.Instant
    ) throws(ImpRAGError) {
        var random = SeededGenerator(seed: 41)
        let dimension = live.partition.dimension
        while ContinuousClock.now < end {
            let numbers = (0..<60).map { _ in Int.random(in: 0..<5000, using: &random) }
            let first = Int.random(in: 0..<(vectors.count / dimension - 60), using: &random)
            let change = try live.upsert(
                numbers.map(TestPartition.passage),
                vectors: Array(vectors[(first * dimension)..<((first + 60) * dimension)]))
            let deleted = Int.random(in: 0..<5000, using: &random)
            let row = try live.partition.row(of: "p\(deleted)")
            let count = try live.delete(ids: ["p\(deleted)"])
            if count != (row == nil ? 0 : 1) { board.fail("\(count) deleted of row \(row ?? -1)") }
            board.dead.withLock { dead in
                dead.formUnion(change.replaced)
                if let row { dead.insert(row) }
            }
            board.updates.add(1, ordering: .relaxed)
        }
    }

    private static func search(
        _ live: LivePartition, _ queries: [Float], _ meter: RecallMeter, _ board: Board,
        until end: ContinuousClock.Instant, seed: Int
    ) throws(ImpRAGError) {
        var random = SeededGenerator(seed: UInt64(seed))
        let dimension = live.partition.dimension
        while ContinuousClock.now < end {
            let dead = board.dead.withLock { $0 }
            let place = Int.random(in: 0..<queries.count / dimension, using: &random)
            let query = Array(queries[(place * dimension)..<((place + 1) * dimension)])
            let search = try live.searchInDetail(
                query, k: 20,
                options: SearchOptions(filter: seed == 2 ? .equals(field: "third", .number(1)) : nil), deadline: .never)
            let hits = search.outcomes[0].hits
            if seed != 2 { meter.offer(query, k: 20, search, place: 0) }
            let rows = hits.map(\.row)
            if hits.isEmpty { board.fail("nothing was found") }
            if !dead.isDisjoint(with: rows) { board.fail("dead rows among \(rows)") }
            if Set(rows).count != rows.count { board.fail("rows twice in \(rows)") }
            let isSorted = zip(hits, hits.dropFirst()).allSatisfy { ($1.score, $0.row) < ($0.score, $1.row) }
            if !isSorted { board.fail("out of order: \(hits)") }
            board.searches.add(1, ordering: .relaxed)
        }
    }
}
