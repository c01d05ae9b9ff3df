import Core
import Kernels
import TestSupport
import Testing

@testable import VectorIndex

@Suite struct FlatRowsTests {
    private func flat() -> FlatRows {
        var flat = FlatRows(dimension: 2)
        flat.append(rows: [3, 4, 5], vectors: [3, 0, 4, 0, 5, 0].map { BFloat16($0) })
        flat.append(rows: [], vectors: [])
        flat.append(rows: [7, 8], vectors: [7, 0, 8, 0].map { BFloat16($0) })
        return flat
    }

    private func rows(_ numbers: [Int]) -> RowSet {
        var rows = RowSet()
        for number in numbers { rows.insert(number) }
        return rows
    }

    @Test("dropping takes the rows below a limit away, whole blocks and parts of one")
    func dropping() {
        for (limit, expected) in [(0, [3, 4, 5, 7, 8]), (4, [4, 5, 7, 8]), (7, [7, 8]), (8, [8]), (9, [])] {
            let rest = flat().dropping(below: limit)
            let all = rest.rows(in: rows(Array(0..<20)))
            #expect(all.rows == expected && rest.count == expected.count)
            #expect(all.vectors == expected.flatMap { [Float($0), 0] })
            #expect(rest.residentBytes == FlatRows.residentBytes(count: expected.count, dimension: 2))
        }
    }

    @Test("rows that come one by one are merged into few blocks, and are found as if they had come together")
    func merging() throws {
        var random = SeededGenerator(seed: 5)
        let dimension = 24
        let vectors = (0..<900 * dimension).map { _ in BFloat16(Float.random(in: -1...1, using: &random)) }
        var (single, whole) = (FlatRows(dimension: dimension), FlatRows(dimension: dimension))
        for row in 0..<900 {
            single.append(rows: [row], vectors: Array(vectors[(row * dimension)..<((row + 1) * dimension)]))
        }
        whole.append(rows: Array(0..<900), vectors: vectors)
        #expect(single.blocks.count <= 16 && single.count == 900 && whole.blocks.count == 1)
        let live = rows((0..<900).filter { $0 % 7 > 0 })
        let (some, all) = (single.rows(in: live), whole.rows(in: live))
        #expect(some.rows == all.rows && some.vectors == all.vectors)
        let queries = (0..<3 * dimension).map { _ in Float.random(in: -1...1, using: &random) }
        let found = try [single, whole].map { flat in
            let scanners = [try #require(FlatScanner()), try #require(FlatScanner())]
            return [1, 2].map { count in
                flat.search(
                    queries, count: 3, limit: 12, allowed: live, scanners: Array(scanners.prefix(count)),
                    helpers: WorkerPool(threadCount: 2)
                ).map { $0.sorted() }
            }
        }
        #expect(Set(found.joined()).count == 1 && found[0][0].allSatisfy { $0.count == 12 })
    }

    @Test("only live rows are given out; dead ones are told by their limit")
    func liveAndDead() {
        let live = rows([3, 5, 8])
        #expect(flat().rows(in: live).rows == [3, 5, 8])
        #expect(flat().deadRows(below: 7, live: live) == [4])
        #expect(flat().deadRows(below: 100, live: live) == [4, 7])
        #expect(flat().count == 5)
    }
}
