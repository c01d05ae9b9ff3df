import Testing

@testable import Kernels

@Suite struct ProductPiecesTests {
    @Test("pieces have every row of every panel once, whatever does not come out even")
    func everythingOnce() {
        for (panels, rows) in [(1, 1), (1, 15), (9, 1), (9, 15), (15, 8), (15, 3), (48, 40), (768, 1), (7, 2000)] {
            for threads in 1...5 {
                for multiplications in [0, 1 << 30] {
                    let pieces = ProductPieces(
                        panels: panels, rows: rows, threads: threads, multiplications: multiplications)
                    var times = [Int](repeating: 0, count: panels * rows)
                    for piece in 0..<pieces.count {
                        for panel in pieces.panels(of: piece) {
                            for row in pieces.rows(of: piece) { times[panel * rows + row] += 1 }
                        }
                    }
                    #expect(times.allSatisfy { $0 == 1 }, "\(panels) panels, \(rows) rows, \(threads) threads")
                    if threads == 1 || multiplications == 0 { #expect(pieces.count == 1) }
                }
            }
        }
    }

    @Test("an odd panel is cut for two threads, where it has rows enough")
    func evenShares() {
        func sizes(_ panels: Int, _ rows: Int) -> [Int] {
            let pieces = ProductPieces(panels: panels, rows: rows, threads: 2, multiplications: 1 << 30)
            return (0..<pieces.count).map { pieces.panels(of: $0).count * pieces.rows(of: $0).count }
        }
        #expect(sizes(9, 15) == [15, 15, 15, 15, 15, 15, 15, 15, 7, 8])
        #expect(sizes(3, 1) == [1, 1, 1])
        #expect(sizes(16, 15) == [Int](repeating: 15, count: 16))
    }
}
