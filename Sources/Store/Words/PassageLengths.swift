internal import Core

/// The lengths of passages in terms, by row. Copies share pieces until one changes them.
package struct PassageLengths: Sendable {
    /// Rows of a piece.
    package static let pieceRows = 4096
    /// Longer passages count as having this length.
    package static let limit = Int(UInt16.max)

    private var pieces: [[UInt16]] = []

    package init() {}

    /// Memory for the lengths of rows 0 ..< `rows`.
    package static func residentBytes(rows: Int) -> Int { (rows + 2 * pieceRows) * 2 }

    package subscript(row: Int) -> Int {
        get {
            let (piece, place) = (row / Self.pieceRows, row % Self.pieceRows)
            return piece < pieces.count && place < pieces[piece].count ? Int(pieces[piece][place]) : 0
        }
        set {
            let (piece, place) = (row / Self.pieceRows, row % Self.pieceRows)
            while pieces.count <= piece { pieces.append([]) }
            if pieces[piece].count <= place {
                pieces[piece] += repeatElement(0, count: place + 1 - pieces[piece].count)
            }
            pieces[piece][place] = UInt16(clamping: newValue)
        }
    }

    /// The lengths of rows `number` · 4096 and following, as far as they are known.
    package func piece(_ number: Int) -> [UInt16] { number < pieces.count ? pieces[number] : [] }

    package mutating func setPiece(_ number: Int, _ lengths: [UInt16]) {
        while pieces.count <= number { pieces.append([]) }
        pieces[number] = lengths
    }

    // MARK: Storage

    /// Each length as 16 bits, little-endian.
    package static func encode(_ piece: [UInt16]) -> [UInt8] {
        var writer = ByteWriter(capacity: 2 * piece.count)
        writer.append(piece)
        return writer.bytes
    }

    /// Nil when the bytes are no piece.
    package static func decode(_ bytes: [UInt8]) -> [UInt16]? {
        guard bytes.count % 2 == 0, bytes.count <= 2 * pieceRows else { return nil }
        var reader = ByteReader(bytes)
        return reader.uint16s(bytes.count / 2)
    }
}
