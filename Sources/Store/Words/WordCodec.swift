// The postings of a term: its rows in ascending order, 128 to a block, up to 32 blocks to an extent. An extent is a
// directory, which is enough to know how many rows there are, where, and what they can score at most, and the data of
// its blocks, which follows the directory where there is only one block. All numbers are varints (`ByteWriter`).
//
//   directory   1 where the data follows, else 0; number of blocks, 1 to 32; then for each block:
//                 distance from the last row of the block before (of the first block: from 0) to its first row
//                 distance from its first row to its last
//                 rows less one
//                 largest frequency
//                 length of the shortest passage, or less
//                 bytes of its data
//   block       for each row: twice the distance from the row before (of the first row: 0), plus 1 if the frequency is
//               1; if it is not, the frequency follows

internal import Core

/// One block's entry in a directory.
package struct WordBlock: Sendable, Equatable {
    package var first: Int
    package var last: Int
    package var count: Int
    /// The highest frequency in the block.
    package var maximumFrequency: Int
    /// A lower bound on the passages' lengths.
    package var minimumLength: Int
    /// The range of its data within the extent's.
    package var bytes: Range<Int>
}

/// A decoded directory.
package struct WordDirectory: Sendable, Equatable {
    package var blocks: [WordBlock]
    /// Nil when the data is stored apart, as it is for more than one block.
    package var data: [UInt8]?

    package var count: Int { blocks.reduce(0) { $0 + $1.count } }
}

/// Postings of a term: ascending rows, with frequencies and lengths.
package struct WordPostings: Sendable, Equatable {
    package var rows: [UInt32] = []
    package var frequencies: [UInt16] = []
    /// Lower bounds of the passages' lengths.
    package var lengths: [UInt16] = []

    package init() {}

    package var count: Int { rows.count }

    package mutating func append(row: UInt32, frequency: UInt16, length: UInt16) {
        rows.append(row)
        frequencies.append(frequency)
        lengths.append(length)
    }

    /// Appends postings of later rows.
    package mutating func append(_ other: WordPostings) {
        rows += other.rows
        frequencies += other.frequencies
        lengths += other.lengths
    }
}

package enum WordCodec {
    package static let blockRows = 128
    package static let extentBlocks = 32
    package static var extentRows: Int { blockRows * extentBlocks }

    /// The postings of `range`, at most an extent, as bytes.
    ///
    /// - Returns: `data` is nil when the directory holds it.
    package static func encode(
        _ postings: WordPostings, _ range: Range<Int>
    ) -> (directory: [UInt8], data: [UInt8]?) {
        precondition(!range.isEmpty && range.count <= extentRows, "\(range)")
        var entries = ByteWriter()
        var data = ByteWriter(capacity: range.count * 3 / 2)
        var before = 0
        for start in stride(from: range.lowerBound, to: range.upperBound, by: blockRows) {
            let block = start..<min(start + blockRows, range.upperBound)
            let (first, last) = (Int(postings.rows[start]), Int(postings.rows[block.upperBound - 1]))
            let dataStart = data.count
            var (row, maximum, minimum) = (first, 0, Int.max)
            for place in block {
                let frequency = Int(postings.frequencies[place])
                data.append(varint: (Int(postings.rows[place]) - row) << 1 | (frequency == 1 ? 1 : 0))
                if frequency != 1 { data.append(varint: frequency) }
                row = Int(postings.rows[place])
                maximum = max(maximum, frequency)
                minimum = min(minimum, Int(postings.lengths[place]))
            }
            for number in [first - before, last - first, block.count - 1, maximum, minimum, data.count - dataStart] {
                entries.append(varint: number)
            }
            before = last
        }
        let isInline = range.count <= blockRows
        var directory = ByteWriter()
        directory.append(UInt8(isInline ? 1 : 0))
        directory.append(varint: (range.count + blockRows - 1) / blockRows)
        directory.append(entries.bytes)
        if isInline { directory.append(data.bytes) }
        return (directory.bytes, isInline ? nil : data.bytes)
    }

    /// Nil when the bytes are not a directory.
    package static func directory(_ bytes: [UInt8]) -> WordDirectory? {
        var reader = ByteReader(bytes)
        guard let flag = reader.uint8(), flag <= 1, let count = reader.varint(), (1...extentBlocks).contains(count)
        else { return nil }
        var blocks: [WordBlock] = []
        blocks.reserveCapacity(count)
        var (before, dataEnd) = (0, 0)
        for index in 0..<count {
            guard let gap = reader.varint(), let span = reader.varint(), let less = reader.varint(),
                let maximum = reader.varint(), let minimum = reader.varint(), let size = reader.varint()
            else { return nil }
            let (first, last) = (before + gap, before + gap + span)
            guard index == 0 || gap > 0, last < 1 << 32, less < blockRows, span >= less, less > 0 || span == 0,
                (1...Int(UInt16.max)).contains(maximum), minimum <= Int(UInt16.max), size <= 8 * blockRows
            else { return nil }
            blocks.append(
                WordBlock(
                    first: first, last: last, count: less + 1, maximumFrequency: maximum, minimumLength: minimum,
                    bytes: dataEnd..<(dataEnd + size)))
            before = last
            dataEnd += size
        }
        guard (flag == 1) == (count == 1) else { return nil }
        if flag == 0 { return reader.isAtEnd ? WordDirectory(blocks: blocks, data: nil) : nil }
        return reader.left == dataEnd ? WordDirectory(blocks: blocks, data: reader.rest()) : nil
    }

    /// Decodes a block from its extent's data. Returns false when it contradicts its entry.
    ///
    /// - Parameters:
    ///   - rows: receives the block's rows; `frequencies` likewise.
    package static func decode(
        _ block: WordBlock, _ data: [UInt8], rows: inout [UInt32], frequencies: inout [UInt16]
    ) -> Bool {
        if rows.count != block.count {
            rows = [UInt32](repeating: 0, count: block.count)
            frequencies = [UInt16](repeating: 0, count: block.count)
        }
        guard block.bytes.upperBound <= data.count else { return false }
        var place = block.bytes.lowerBound
        var row = block.first
        let bytes = data.span
        var rowPlaces = rows.mutableSpan
        var frequencyPlaces = frequencies.mutableSpan
        for index in rowPlaces.indices {
            guard let code = ByteReader.varint(bytes, &place) else { return false }
            row += code >> 1
            var frequency = 1
            if code & 1 == 0 {
                guard let more = ByteReader.varint(bytes, &place) else { return false }
                frequency = more
            }
            guard (index == 0) == (code >> 1 == 0), row <= block.last, frequency > 0,
                frequency <= block.maximumFrequency
            else { return false }
            rowPlaces[index] = UInt32(truncatingIfNeeded: row)
            frequencyPlaces[index] = UInt16(truncatingIfNeeded: frequency)
        }
        return row == block.last && place == block.bytes.upperBound
    }
}
