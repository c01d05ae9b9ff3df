internal import Core

/// A cursor over one query term's postings; one owner.
///
/// Moves forward only, window by window. Keeps all of the term's directories, and the data of the latest extents.
struct TermCursor {
    private let source: any WordSource
    private let term: [UInt8]
    private(set) var blocks: [WordBlock] = []
    /// For each extent: its key, the end of its blocks, and its data if the directory holds it.
    private var extents: [(key: Int, end: Int, data: [UInt8]?)] = []
    /// Live rows that have the term.
    private(set) var frequency = 0

    /// Blocks that overlap the current window.
    private(set) var window = 0..<0
    /// The most that the term adds to a score in the current window.
    var bound: Float = 0

    /// Data of the two extents read last.
    private var loaded: [(extent: Int, data: [UInt8])] = []
    private var decodedBlock = -1
    private(set) var rows: [UInt32] = []
    private(set) var frequencies: [UInt16] = []

    init(_ term: [UInt8], in source: any WordSource) throws(ImpRAGError) {
        self.source = source
        self.term = term
        var (blocks, extents) = ([WordBlock](), [(key: Int, end: Int, data: [UInt8]?)]())
        var (last, isOrdered) = (-1, true)
        try source.directories(of: term) { key, directory in
            isOrdered = isOrdered && directory.blocks[0].first > last
            last = directory.blocks[directory.blocks.count - 1].last
            blocks += directory.blocks
            extents.append((key, blocks.count, directory.data))
        }
        guard isOrdered else { throw source.damaged(term) }
        self.blocks = blocks
        self.extents = extents
        frequency = max(0, blocks.reduce(0) { $0 + $1.count } - (try source.dead(of: term)))
    }

    /// The first row beyond the current window's blocks; nil when there is none.
    var nextRow: Int? { window.upperBound < blocks.count ? blocks[window.upperBound].first : nil }

    /// Moves to the window `rows`, which comes after the current one.
    mutating func move(to rows: Range<Int>) {
        var first = window.lowerBound
        while first < blocks.count, blocks[first].last < rows.lowerBound { first += 1 }
        var end = max(first, window.upperBound)
        // The last block may extend beyond the former window, but none that begins beyond it was considered.
        while end < blocks.count, blocks[end].first < rows.upperBound { end += 1 }
        window = first..<end
    }

    /// Decodes block `number` into `rows` and `frequencies`.
    mutating func decode(_ number: Int) throws(ImpRAGError) {
        guard decodedBlock != number else { return }
        decodedBlock = -1
        var (low, high) = (0, extents.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if extents[middle].end <= number { low = middle + 1 } else { high = middle }
        }
        let isWhole: Bool
        if let data = extents[low].data {
            isWhole = WordCodec.decode(blocks[number], data, rows: &rows, frequencies: &frequencies)
        } else {
            let place = try load(low)
            isWhole = WordCodec.decode(blocks[number], loaded[place].data, rows: &rows, frequencies: &frequencies)
        }
        guard isWhole else { throw source.damaged(term) }
        decodedBlock = number
    }

    /// The term's frequency in the passage of `row`, which is in the current window.
    mutating func frequency(of row: Int) throws(ImpRAGError) -> Int {
        var (low, high) = (window.lowerBound, window.upperBound)
        while low < high {
            let middle = (low + high) / 2
            if blocks[middle].last < row { low = middle + 1 } else { high = middle }
        }
        guard low < window.upperBound, blocks[low].first <= row else { return 0 }
        try decode(low)
        let wanted = UInt32(truncatingIfNeeded: row)
        (low, high) = (0, rows.count)
        while low < high {
            let middle = (low + high) / 2
            if rows[middle] < wanted { low = middle + 1 } else { high = middle }
        }
        return low < rows.count && rows[low] == wanted ? Int(frequencies[low]) : 0
    }

    private mutating func load(_ extent: Int) throws(ImpRAGError) -> Int {
        if let place = loaded.firstIndex(where: { $0.extent == extent }) { return place }
        let data = try source.data(of: term, key: extents[extent].key)
        if loaded.count == 2 { loaded.removeFirst() }
        loaded.append((extent, data))
        return loaded.count - 1
    }
}
