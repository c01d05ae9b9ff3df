import Core
import Kernels
import Synchronization
import TestSupport
import Testing
import VectorIndex

@testable import Storage

@Suite struct SearchCrewTests {
    @Test("whoever helps, a search finds the same passages with the same scores", arguments: [2, 3, 7])
    func sameHits(threads: Int) throws {
        var test = try TestPartition(rows: 4500, dimension: 16)
        let partition = try test.open()
        let alone = try LivePartition(partition)
        let helped = try LivePartition(partition, crew: SearchCrew(threads: threads))
        let queries = test.vectors(60)
        let filter = Filter.equals(field: "third", .number(1))
        let none = Filter.equals(field: "third", .number(5))
        for options in [
            SearchOptions(), SearchOptions(recall: 0.999), SearchOptions(candidates: 3), SearchOptions(filter: filter),
            SearchOptions(filter: none), SearchOptions(isExact: true),
        ] {
            for k in [1, 10, 100] {
                let expected = try alone.searchInDetail(queries, k: k, options: options, deadline: .never).outcomes
                let found = try helped.searchInDetail(queries, k: k, options: options, deadline: .never).outcomes
                #expect(found.map(\.hits) == expected.map(\.hits) && found.map(\.rescored) == expected.map(\.rescored))
            }
        }
    }

    @Test("only a search that is alone is helped, and every one is counted out again")
    func onlyAlone() throws {
        let crew = SearchCrew(threads: 2)
        for _ in 0..<2 {
            try crew.join { first throws(ImpRAGError) in
                #expect(first != nil)
                try crew.join { second throws(ImpRAGError) in #expect(second == nil) }
                #expect(crew.map(3) { $0 * $0 } == [0, 1, 4])
            }
            let error = refusal { () throws(ImpRAGError) in
                try crew.join { _ throws(ImpRAGError) in throw ImpRAGError(.cancelled, "enough") }
            }
            #expect(error?.code == .cancelled)
            // What is one piece is no search of its own.
            #expect(crew.map(1) { _ in crew.join { $0 != nil } } == [true])
            #expect(crew.map(2) { _ in crew.join { $0 != nil } } == [false, false])
        }
        try SearchCrew(threads: 1).join { helpers throws(ImpRAGError) in #expect(helpers == nil) }
    }

    @Test("damage that a helper meets is reported as its own")
    func failures() throws {
        let source = FailingVectors()
        var matches = RowSet()
        for row in 0..<100 { matches.insert(row) }
        let test = try TestPartition(rows: 300, dimension: 4)
        let snapshot = try LivePartition(test.open()).state.withLock { $0.snapshot }
        let error = refusal { () throws(ImpRAGError) in
            _ = try IndexSearcher().search(
                [1, 2, 3, 4], k: 10, plan: SearchPlan(probes: 4, margin: 3), in: snapshot, source: source,
                matches: matches, helpers: WorkerPool(threadCount: 2), deadline: .never)
        }
        #expect(error?.code == .dataLoss)
    }
}

/// Vectors of which row 77 cannot be read.
private struct FailingVectors: VectorSource {
    let dimension = 4
    let rowLimit = 300

    func scanVectors(
        from first: Int, until end: Int, _ body: (_ row: Int, _ vector: RawSpan) -> Bool
    ) throws(ImpRAGError) {
        throw ImpRAGError(.dataLoss, "nothing can be read")
    }

    func withVectors(rows: [Int], _ body: (_ place: Int, _ vector: RawSpan) -> Void) throws(ImpRAGError) {
        if rows.contains(77) { throw ImpRAGError(.dataLoss, "row 77 cannot be read") }
        let numbers: [UInt16] = [1, 2, 3, 4].map { BFloat16($0).bits }
        let span = numbers.span
        for place in rows.indices { unsafe body(place, span.bytes) }
    }
}
