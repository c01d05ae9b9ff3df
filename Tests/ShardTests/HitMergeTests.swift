import Cluster
import Core
import SimulatedWorld
import Storage
import Synchronization
import TestSupport
import Testing
import VectorIndex
import Wire

@testable import Shard

struct HitMergeTests {
    /// Passages named after their rows, of which some have gone. Notes which are read.
    private final class Rows: SearchEngine {
        let fingerprint: Fingerprint
        let dimension = 1
        let partition = 0
        let partitionCount = 1
        let count = 0
        let epoch = 0
        let figures = EngineFigures()
        let gone: Set<Int>
        let read = Mutex<[Int]>([])

        init(gone: Set<Int> = []) throws {
            fingerprint = try #require(Fingerprint(bytes: Array(repeating: 7, count: 32)))
            self.gone = gone
        }

        func search(
            _ queries: [Float], k: Int, options: SearchOptions, deadline: Deadline
        ) throws(ImpRAGError) -> [[Hit]] { [] }

        func passages(rows: [Int]) throws(ImpRAGError) -> [Passage?] {
            read.withLock { $0 += rows }
            return rows.map { gone.contains($0) ? nil : Passage(id: "p\($0)", title: "", text: "") }
        }

        func searchWords(
            _ text: String, count: Int, filter: Filter?, deadline: Deadline
        ) throws(ImpRAGError) -> ShardWords? { nil }

        func apply(_ changes: [LoggedChange], epoch: Int) throws(ImpRAGError) -> [Int: UpdateOutcome] { [:] }

        func stop() {}
    }

    /// Row n has the score that stands there.
    private static func hits(_ scores: [Int: Float]) -> [Hit] {
        scores.map { Hit(row: $0, score: $1) }.sorted { ($1.score, $0.row) < ($0.score, $1.row) }
    }

    private static func merge(_ k: Int, _ engines: [Rows]) -> HitMerge {
        HitMerge(k: k, engines: engines, clock: NodeEnvironment.inTest.clock)
    }

    @Test("only passages that are among the best of all partitions are read")
    func onlyTheBest() throws {
        let engines = [try Rows(), try Rows(), try Rows()]
        var merge = Self.merge(3, engines)
        let lists = [
            Self.hits([1: 9, 2: 5, 3: 4]), Self.hits([11: 8, 12: 7, 13: 6]), Self.hits([21: 3, 22: 2, 23: 1]),
        ]
        let found = try merge.passages(of: lists, deadline: .never) { () throws(ImpRAGError) in
            throw ImpRAGError(.internal, "nothing has gone")
        }
        #expect(found.map(\.passage.id) == ["p1", "p11", "p12"])
        #expect(found.map(\.score) == [9, 8, 7] && found.map(\.rank) == [0, 1, 2])
        #expect(engines.map { $0.read.withLock { $0 } } == [[1], [11, 12], []])
    }

    @Test("of equal scores the ids decide, whichever partition they are in")
    func ties() throws {
        let engines = [try Rows(), try Rows()]
        var merge = Self.merge(2, engines)
        let lists = [Self.hits([5: 1, 6: 1]), Self.hits([2: 2, 3: 1])]
        let found = try merge.passages(of: lists, deadline: .never) { lists }
        #expect(found.map(\.passage.id) == ["p2", "p3"])
        #expect(engines.map { $0.read.withLock { $0 } } == [[5, 6], [2, 3]])
    }

    @Test("a passage that goes before it is read has the search repeated, and at last others take its place")
    func gone() throws {
        let engines = [try Rows(gone: [1]), try Rows()]
        let stale = [Self.hits([1: 9, 2: 5]), Self.hits([11: 8, 12: 7])]
        var merge = Self.merge(2, engines)
        let found = try merge.passages(of: stale, deadline: .never) { [Self.hits([2: 5]), stale[1]] }
        #expect(found.map(\.passage.id) == ["p11", "p12"])

        var searches = 0
        let last = try merge.passages(of: stale, deadline: .never) {
            searches += 1
            return stale
        }
        #expect(last.map(\.passage.id) == ["p11", "p12"] && searches == 2)
        #expect(throws: ImpRAGError.self) {
            _ = try merge.passages(of: stale, deadline: .after(milliseconds: 0)) { stale }
        }
    }
}

extension PartitionEngine {
    /// What a shard with this partition alone answers.
    func found(_ queries: [Float], k: Int, options: SearchOptions) throws(ImpRAGError) -> [[ScoredPassage]] {
        var merge = HitMerge(k: k, engines: [self], clock: NodeEnvironment.inTest.clock)
        var found: [[ScoredPassage]] = []
        for hits in try search(queries, k: k, options: options, deadline: .never) {
            found.append(try merge.passages(of: [hits], deadline: .never) { [hits] })
        }
        return found
    }
}
