import Core
import Foundation
import TestSupport
import Testing

@testable import Kernels

@Suite struct WeightMatrixTests {
    private static let elements = [ElementType.f32, .f16, .bf16]

    /// Numbers that every type of element holds exactly, as `element` stores them, after `padding` other bytes.
    private static func stored(_ count: Int, _ element: ElementType, after padding: Int) -> (
        values: [Float], bytes: [UInt8]
    ) {
        var random = SeededGenerator(seed: 1)
        var values: [Float] = []
        var bytes = [UInt8](repeating: 0xFF, count: padding)
        for _ in 0..<count {
            // 1.0 to 1.984 in steps of 2⁻⁶, and the sign.
            let (steps, isNegative) = (UInt32.random(in: 0..<64, using: &random), Bool.random(using: &random))
            let value = Float(bitPattern: (isNegative ? 1 << 31 : 0) | 127 << 23 | steps << 17)
            values.append(value)
            let bits: UInt32 =
                switch element {
                case .f32: value.bitPattern
                case .bf16: value.bitPattern >> 16
                default: (isNegative ? 1 << 15 : 0) | 15 << 10 | steps << 4
                }
            for byte in 0..<element.size { bytes.append(UInt8(truncatingIfNeeded: bits >> (8 * byte))) }
        }
        return (values, bytes)
    }

    @Test(
        "weights multiply alike however they are stored, at any address", arguments: elements,
        [ProductNumber.f32, .bf16])
    func storage(element: ElementType, number: ProductNumber) {
        let pool = WorkerPool(threadCount: 2)
        let (rows, columns) = (130, 37)
        let x = (0..<columns).map { Float($0 - 18) / 16 }
        func product(_ matrix: WeightMatrix) -> [Float] {
            let input = ProductInput()
            input.take(x, stride: columns, rows: 1, width: columns, as: number, pool: pool)
            var y = [Float](repeating: .nan, count: 192)
            Projection([matrix])(input, into: &y, pool: pool)
            return y
        }
        for padding in [0, 1, 2] {
            let (values, bytes) = Self.stored(rows * columns, element, after: padding)
            let matrix = unsafe WeightMatrix(
                bytes: bytes.span.bytes.extracting(padding...), element: element, rowCount: rows, columnCount: columns,
                number: number, pool: pool)
            let plain = WeightMatrix(values, rowCount: rows, columnCount: columns, number: number, pool: pool)
            #expect(product(matrix) == product(plain))
            #expect(product(plain)[rows...].allSatisfy { $0 == 0 })
            #expect(
                matrix.byteCount
                    == WeightMatrix.byteCount(rowCount: rows, columnCount: columns, number: number))
        }
    }

    @Test("8-bit weights know what they take before they are there")
    func eightBitBytes() {
        for (columns, padded, blocks) in [(70, 128, 1), (256, 256, 1), (257, 320, 2)] {
            let matrix = unsafe WeightMatrix(
                bytes: [Int8](repeating: 3, count: 65 * columns).span.bytes, element: .int8,
                scales: [Float](repeating: 1, count: 65), rowCount: 65, columnCount: columns, number: .int8,
                pool: WorkerPool(threadCount: 1))
            #expect(matrix.byteCount == 128 * padded + 128 * (4 + 2 * blocks))
            #expect(matrix.byteCount == WeightMatrix.byteCount(rowCount: 65, columnCount: columns, number: .int8))
        }
    }

    /// Bytes that stay where they are.
    @safe private final class Bytes: Sendable {
        nonisolated(unsafe) let buffer: UnsafeRawBufferPointer

        init(_ bytes: [UInt8]) {
            let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 64)
            unsafe copy.copyBytes(from: bytes)
            unsafe buffer = UnsafeRawBufferPointer(copy)
        }

        deinit {
            unsafe buffer.deallocate()
        }
    }

    @Test("a table's rows come back as they were stored, at any address", arguments: elements)
    func rowsOfATable(element: ElementType) {
        for padding in [0, 1, 2] {
            let (values, raw) = Self.stored(6 * 20, element, after: padding)
            let bytes = Bytes(raw)
            let table = unsafe StoredRows(
                bytes: bytes.buffer.bytes.extracting(padding...), owner: bytes, element: element, rowCount: 6,
                columnCount: 20)
            for number in [ProductNumber.f32, .bf16] {
                var row = [Float](repeating: 9, count: 60)
                table.copyRow(4, as: number, into: &row, at: 20)
                #expect(row == [Float](repeating: 9, count: 20) + values[80..<100] + [Float](repeating: 9, count: 20))
            }
        }
    }

    @Test("a table's numbers are rounded where states are bf16")
    func roundedRows() {
        let bytes = Bytes([0x01, 0x00, 0x80, 0x3F])
        let table = unsafe StoredRows(
            bytes: bytes.buffer.bytes, owner: bytes, element: .f32, rowCount: 1, columnCount: 1)
        var row: [Float] = [0, 0]
        table.copyRow(0, as: .f32, into: &row, at: 0)
        table.copyRow(0, as: .bf16, into: &row, at: 1)
        #expect(row == [0x1.000002p0, 1])
    }

    @Test("every float16 widens to the number that it means")
    func halves() {
        for bits in UInt16.min...UInt16.max {
            let wide = Double(float(fromHalf: bits))
            let (exponent, fraction) = (Int(bits >> 10 & 31), Double(bits & 1023))
            let magnitude =
                exponent == 0 ? fraction * exp2(-24) : (1 + fraction / 1024) * exp2(Double(exponent - 15))
            if exponent == 31 {
                #expect(fraction == 0 ? wide.isInfinite : wide.isNaN)
            } else {
                #expect(abs(wide) == magnitude)
            }
            #expect(wide.isNaN || (wide.sign == .minus) == (bits >> 15 == 1))
        }
    }
}
