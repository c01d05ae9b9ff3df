import Core
import Foundation
import TestSupport
import Testing

@testable import Evaluation

/// Files in BigANN's formats, and what is refused as none.
@Suite struct VectorFileTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func refusal(_ bytes: [UInt8]) throws -> ImpRAGError? {
        let path = directory.file("x.fbin")
        try Data(bytes).write(to: URL(filePath: path))
        return #expect(throws: ImpRAGError.self) { try VectorFile(path: path) }
    }

    @Test("numbers are read back by row, as float32 and as whole numbers")
    func roundTrip() throws {
        let numbers: [Float] = [1, -2.5, 3e-30, 0, VectorLimit.magnitude, -0.0]
        try VectorBytes.floats(numbers, columns: 2).write(to: URL(filePath: directory.file("a.fbin")))
        let file = try VectorFile(path: directory.file("a.fbin"))
        #expect(file.rows == 3 && file.columns == 2)
        #expect(try file.floats(0..<3) == numbers && file.floats(1..<2) == [3e-30, 0] && file.floats(2..<2) == [])
        try VectorBytes.floats([1, 2, 3, 3e38], columns: 2).write(to: URL(filePath: directory.file("b.fbin")))
        let beyond = try VectorFile(path: directory.file("b.fbin"))
        let error = #expect(throws: ImpRAGError.self) { try beyond.floats(0..<2) }
        #expect(error?.message.contains("b.fbin: row 1 holds 3e+38 at index 1") == true, "\(error as Any)")
        try VectorBytes.numbers([5, 70_000, -1, 9], columns: 2).write(to: URL(filePath: directory.file("a.ibin")))
        let truth = try VectorFile(path: directory.file("a.ibin"))
        #expect(truth.numbers(0, count: 2) == [5, 70_000] && truth.numbers(1, count: 10) == [-1, 9])
        #expect(truth.numbers(1, count: 1) == [-1])
    }

    @Test("a file that is not there is not found, with its name")
    func missing() {
        let error = #expect(throws: ImpRAGError.self) { try VectorFile(path: directory.file("none.fbin")) }
        #expect(error?.code == .notFound && error?.message.contains("none.fbin") == true)
    }

    @Test(
        "a file that is too short, or not as long as its header says, is refused with both sizes", arguments: [0, 1, 7])
    func short(count: Int) throws {
        let error = try refusal([UInt8](repeating: 1, count: count))
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains("\(count) bytes") == true && error?.message.contains("x.fbin") == true)
    }

    @Test("a header that the size contradicts is refused, however large its numbers are")
    func inconsistent() throws {
        let good = Array(VectorBytes.floats([1, 2, 3, 4], columns: 2))
        for bytes in [Array(good.dropLast()), good + [0], Array(good.prefix(8))] {
            let error = try refusal(bytes)
            #expect(error?.code == .invalidArgument)
            #expect(error?.message.contains("2 rows of 2") == true && error?.message.contains("24 bytes") == true)
            #expect(error?.message.contains("\(bytes.count)") == true)
        }
        for (rows, columns): (UInt32, UInt32) in [(0, 2), (2, 0), (0, 0), (.max, .max), (1 << 31, 1 << 31), (.max, 1)] {
            let header = [rows, columns].flatMap { number in
                (0..<4).map { UInt8(truncatingIfNeeded: number >> UInt32(8 * $0)) }
            }
            #expect(try refusal(header + good.dropFirst(8))?.code == .invalidArgument, "\(rows) × \(columns)")
            #expect(try refusal(header)?.code == .invalidArgument, "\(rows) × \(columns)")
        }
    }
}
