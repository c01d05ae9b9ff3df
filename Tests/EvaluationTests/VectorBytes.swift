import Foundation

/// Bytes of BigANN's formats.
enum VectorBytes {
    static func floats(_ numbers: [Float], columns: Int) -> Data { words(numbers.map(\.bitPattern), columns: columns) }

    static func numbers(_ numbers: [Int32], columns: Int) -> Data {
        words(numbers.map { UInt32(bitPattern: $0) }, columns: columns)
    }

    private static func words(_ words: [UInt32], columns: Int) -> Data {
        let header = [UInt32(words.count / columns), UInt32(columns)]
        return Data(
            (header + words).flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> UInt32(8 * $0)) } })
    }
}
