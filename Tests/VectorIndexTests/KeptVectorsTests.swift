import Core
import Testing

@testable import VectorIndex

@Suite struct KeptVectorsTests {
    @Test("rows that were added are scored, others are not, and memory is counted by whole chunks")
    func scores() {
        var kept = KeptVectors(dimension: 3)
        func vector(_ row: Int) -> [BFloat16] { [Float(row), 1, 0].map { BFloat16($0) } }
        let rows = [0, 1, 5, 255, 256, 700]
        kept.append(rows: rows, vectors: rows.flatMap(vector))
        let before = kept
        kept.append(rows: [701], vectors: vector(701))
        let query: [Float] = [2, 1, 9]
        for row in 0..<800 {
            let expected = rows.contains(row) ? 2 * BFloat16(Float(row)).float + 1 : nil
            #expect(before.score(query.span, row: row) == expected)
            #expect((kept.score(query.span, row: row) != nil) == (rows.contains(row) || row == 701))
        }
        #expect(kept.residentBytes <= KeptVectors.requiredBytes(rowLimit: 768, dimension: 3))
    }
}
