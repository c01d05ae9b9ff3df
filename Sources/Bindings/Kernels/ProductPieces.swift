/// How a product is shared among threads: whole panels, and, where they do not come out even, the last ones cut into
/// blocks of rows.
///
/// Nine panels on two threads take as long as ten, unless the ninth is cut in two.
struct ProductPieces: Equatable {
    /// Of whole panels, the first pieces.
    private let wholePanels: Int
    private let wholePieces: Int
    /// Panels after these, one at a time, each cut into so many blocks of rows.
    private let cutPanels: Int
    private let blocks: Int
    private let rows: Int

    /// Fewer multiplications are not worth a second thread: a job costs a microsecond, and so many take four where the
    /// weights come from a cache, thirteen where they come from memory.
    static let smallest = 1 << 16
    /// Rows of a block at least: with fewer, reading the panel again costs more than waiting.
    static let leastRows = 4

    init(panels: Int, rows: Int, threads: Int, multiplications: Int) {
        self.rows = rows
        let isShared = threads > 1 && multiplications >= Self.smallest
        let most = isShared ? 8 * threads : 1
        let left = isShared && panels < most ? panels % threads : 0
        blocks = left == 0 ? 1 : max(1, min(threads, rows / Self.leastRows))
        cutPanels = blocks > 1 ? left : 0
        wholePanels = panels - cutPanels
        wholePieces = min(wholePanels, most)
    }

    var count: Int { wholePieces + cutPanels * blocks }

    func panels(of piece: Int) -> Range<Int> {
        guard piece >= wholePieces else {
            return wholePanels * piece / wholePieces..<wholePanels * (piece + 1) / wholePieces
        }
        let panel = wholePanels + (piece - wholePieces) / blocks
        return panel..<panel + 1
    }

    func rows(of piece: Int) -> Range<Int> {
        guard piece >= wholePieces else { return 0..<rows }
        let block = (piece - wholePieces) % blocks
        return rows * block / blocks..<rows * (block + 1) / blocks
    }
}
