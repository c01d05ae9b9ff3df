// BigANN's formats: 32-bit numbers of rows and of columns, then the numbers row by row; all little-endian. `.fbin` holds
// float32, `.ibin` 32-bit whole numbers.

public import Core
internal import Platform

/// A mapped file of vectors or of row numbers.
public struct VectorFile: Sendable {
    public let rows: Int
    public let columns: Int
    private let file: MappedFile

    private static let headerBytes = 8

    /// - Throws: `notFound`, and `invalidArgument` when the file's size is not that of its header.
    public init(path: String) throws(ImpRAGError) {
        file = try MappedFile(path: path)
        guard file.count >= Self.headerBytes else {
            throw ImpRAGError(
                .invalidArgument, "\(path) has \(file.count) bytes; a BigANN file begins with two 32-bit numbers")
        }
        let header = file.copyBytes(in: 0..<Self.headerBytes)
        rows = Self.number(header, 0)
        columns = Self.number(header, 4)
        // Below 2⁶⁴, but not four times as much.
        let numbers = UInt64(rows) * UInt64(columns)
        guard rows > 0, columns > 0, numbers < 1 << 60, UInt64(file.count) == UInt64(Self.headerBytes) + 4 * numbers
        else {
            let expected = numbers < 1 << 60 ? "\(UInt64(Self.headerBytes) + 4 * numbers)" : "more than 2⁶²"
            throw ImpRAGError(
                .invalidArgument,
                "\(path) says \(rows) rows of \(columns) numbers, which are \(expected) bytes with the header, but it has "
                    + "\(file.count)")
        }
    }

    /// The numbers of some rows: `[range.count × columns]`.
    public func floats(_ range: Range<Int>) -> [Float] {
        words(range).map { Float(bitPattern: $0) }
    }

    /// The first `count` whole numbers of a row.
    public func numbers(_ row: Int, count: Int) -> [Int] {
        words(row..<(row + 1)).prefix(count).map { Int(Int32(bitPattern: $0)) }
    }

    private func words(_ range: Range<Int>) -> [UInt32] {
        precondition(range.lowerBound >= 0 && range.upperBound <= rows, "rows \(range) of \(rows)")
        let (first, count) = (Self.headerBytes + range.lowerBound * columns * 4, range.count * columns)
        let bytes = file.copyBytes(in: first..<(first + count * 4))
        return (0..<count).map { place in
            UInt32(bytes[place * 4]) | UInt32(bytes[place * 4 + 1]) << 8 | UInt32(bytes[place * 4 + 2]) << 16
                | UInt32(bytes[place * 4 + 3]) << 24
        }
    }

    private static func number(_ bytes: [UInt8], _ place: Int) -> Int {
        (0..<4).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) }
    }
}
