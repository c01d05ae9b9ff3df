import Core
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

    @Test("only live rows are given out; dead ones are told by their limit")
    func liveAndDead() {
        let live = rows([3, 5, 8])
        #expect(flat().rows(in: live).rows == [3, 5, 8])
        #expect(flat().deadRows(below: 7, live: live) == [4])
        #expect(flat().deadRows(below: 100, live: live) == [4, 7])
        #expect(flat().count == 5)
    }
}
