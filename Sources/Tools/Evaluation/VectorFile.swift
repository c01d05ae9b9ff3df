// BigANN's formats: row count and column count, 32 bits each, then the numbers row by row; all little-endian. `.fbin`
// holds float32, `.ibin` 32-bit integers.

public import Core
internal import Kernels
internal import Platform

/// A mapped file of vectors or of row numbers.
public struct VectorFile: Sendable {
    public let rows: Int
    public let columns: Int
    private let file: MappedFile
    private let path: String

    private static let headerBytes = 8

    /// - Throws: `notFound`, and `invalidArgument` when the file's size is not that of its header.
    public init(path: String) throws(ImpRAGError) {
        self.path = path
        file = try MappedFile(path: path)
        guard file.count >= Self.headerBytes else {
            throw ImpRAGError(
                .invalidArgument, "\(path) has \(file.count) bytes; a BigANN file begins with two 32-bit numbers")
        }
        let header = file.copyBytes(in: 0..<Self.headerBytes)
        rows = Self.number(header, 0)
        columns = Self.number(header, 4)
        // The product is below 2⁶⁴, but four times it need not be.
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
    ///
    /// - Throws: `invalidArgument` naming the row when one is beyond `VectorLimit`.
    public func floats(_ range: Range<Int>) throws(ImpRAGError) -> [Float] {
        precondition(range.lowerBound >= 0 && range.upperBound <= rows, "rows \(range) of \(rows)")
        let (first, count) = (Self.headerBytes + range.lowerBound * columns * 4, range.count * columns)
        let numbers = file.withBytes(in: first..<(first + count * 4)) { widened($0, .f32) }
        if let fault = VectorLimit.fault(in: numbers[...], dimension: columns) {
            throw ImpRAGError(.invalidArgument, "\(path): row \(range.lowerBound + fault.vector) \(fault.words)")
        }
        return numbers
    }

    /// The first `count` integers of a row.
    public func numbers(_ row: Int, count: Int) -> [Int] {
        precondition(row >= 0 && row < rows, "row \(row) of \(rows)")
        let first = Self.headerBytes + row * columns * 4
        let bytes = file.copyBytes(in: first..<(first + min(count, columns) * 4))
        return stride(from: 0, to: bytes.count, by: 4).map { place in
            Int(Int32(truncatingIfNeeded: Self.number(bytes, place)))
        }
    }

    private static func number(_ bytes: [UInt8], _ place: Int) -> Int {
        (0..<4).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) }
    }
}
