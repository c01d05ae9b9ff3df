import Core
import Foundation
import TestSupport
import Testing

@testable import Kernels

/// Rows on their way into a product, against plain computations in double precision.
@Suite struct ProductInputTests {
    private let pool = WorkerPool(threadCount: 2)

    private func numbers(_ count: Int, seed: UInt64, scale: Float = 2) -> [Float] {
        var random = SeededGenerator(seed: seed)
        return (0..<count).map { _ in Float.random(in: -scale...scale, using: &random) }
    }

    /// What the numbers of a row mean, with the zeros behind them.
    private func meaning(_ input: ProductInput, row: Int) -> [Float] {
        let base = unsafe input.memory.base + row * input.rowBytes
        return (0..<input.stride).map { index in
            switch input.number.rows {
            case .f32: unsafe base.load(fromByteOffset: 4 * index, as: Float.self)
            case .bf16: BFloat16(bits: unsafe base.load(fromByteOffset: 2 * index, as: UInt16.self)).float
            case .int8:
                // Behind the row stand bytes of zero, which weights of zero meet.
                (Float(unsafe base.load(fromByteOffset: index, as: UInt8.self)) - (index < input.width ? 128 : 0))
                    * (unsafe base.load(fromByteOffset: input.stride + index / 256 * 4, as: Float.self))
            case .grouped:
                Float(unsafe base.load(fromByteOffset: index, as: Int8.self))
                    * (unsafe base.load(
                        fromByteOffset: input.stride + input.stride / 32 * 2 + index / 256 * 4, as: Float.self))
            }
        }
    }

    /// Compares with `expected`, `[rows][width]`: exact but for `error` and the rounding of the numbers.
    private func verify(
        _ input: ProductInput, _ expected: [[Double]], error: Double, location: SourceLocation = #_sourceLocation
    ) {
        #expect(input.rows == expected.count, sourceLocation: location)
        for (row, values) in expected.enumerated() {
            let found = meaning(input, row: row)
            #expect(input.width == values.count && found.count % 64 == 0, sourceLocation: location)
            let largest = values.map(abs).max() ?? 0
            for (value, found) in zip(values, found) {
                let rounding =
                    switch input.number.rows {
                    case .f32: 0.0
                    case .bf16: abs(value) / 255
                    case .int8, .grouped: largest / 127 * 0.5001
                    }
                let bound = rounding + error * max(1, abs(value))
                #expect(abs(Double(found) - value) <= bound, "\(input.number)", sourceLocation: location)
            }
            #expect(found.dropFirst(values.count).allSatisfy { $0 == 0 }, sourceLocation: location)
        }
    }

    private static let shapes = [(1, 1), (2, 5), (3, 63), (1, 64), (5, 65), (300, 130), (3, 256), (2, 577)]

    @Test("rows are taken as they are, from among other numbers", arguments: ProductNumber.allCases)
    func take(number: ProductNumber) {
        for (rows, width) in Self.shapes {
            let stride = width + 7
            let x = numbers((rows - 1) * stride + width, seed: 1)
            let input = ProductInput()
            input.take(x, stride: stride, rows: rows, width: width, as: number, pool: pool)
            verify(input, (0..<rows).map { row in (0..<width).map { Double(x[row * stride + $0]) } }, error: 0)
        }
    }

    @Test("rows are normalised, with and without something added before", arguments: ProductNumber.allCases)
    func normalize(number: ProductNumber) {
        for (rows, width) in Self.shapes {
            for stride in [0, width + 3] {
                let x = numbers(rows * width, seed: 2)
                let weight = numbers(width, seed: 3)
                let increment = numbers(stride * rows, seed: 4)
                var changed = x
                let input = ProductInput()
                input.normalize(
                    &changed, adding: increment, incrementStride: stride, rows: rows, weight: weight, epsilon: 1e-3,
                    as: number, pool: pool)
                let sums = (0..<rows * width).map { index in
                    x[index] + (stride == 0 ? 0 : increment[index / width * stride + index % width])
                }
                #expect(changed == sums)
                let expected = (0..<rows).map { row in
                    let values = sums[row * width..<(row + 1) * width].map(Double.init)
                    let mean = values.reduce(0) { $0 + $1 * $1 } / Double(width)
                    return zip(values, weight).map { $0 * Double($1) / (mean + 1e-3).squareRoot() }
                }
                verify(input, expected, error: 2e-6)
            }
        }
    }

    @Test("gates are applied", arguments: ProductNumber.allCases)
    func gate(number: ProductNumber) {
        for (rows, width) in Self.shapes {
            let (upColumn, stride) = (width + 2, 2 * width + 5)
            let x = numbers(rows * stride, seed: 5, scale: 12)
            var changed = x
            let input = ProductInput()
            input.gate(&changed, stride: stride, upColumn: upColumn, rows: rows, width: width, as: number, pool: pool)
            let expected = (0..<rows).map { row in
                (0..<width).map { column in
                    let gate = Double(x[row * stride + column])
                    return gate / (1 + exp(-gate)) * Double(x[row * stride + upColumn + column])
                }
            }
            verify(input, expected, error: 2e-6)
            for index in x.indices where index % stride >= width { #expect(changed[index] == x[index]) }
        }
    }

    @Test("one input takes rows of any size and kind in turn, and nothing of the former stays")
    func reuse() {
        let input = ProductInput()
        for (index, (rows, width)) in (Self.shapes + Self.shapes.reversed()).enumerated() {
            for number in ProductNumber.allCases {
                let x = numbers(rows * width, seed: UInt64(index))
                input.take(x, stride: width, rows: rows, width: width, as: number, pool: pool)
                verify(input, (0..<rows).map { row in (0..<width).map { Double(x[row * width + $0]) } }, error: 0)
            }
        }
        input.take([], stride: 5, rows: 0, width: 5, as: .int8, pool: pool)
        #expect(input.rows == 0)
    }

    @Test("increments are added to rows")
    func addition() {
        let (rows, width, stride) = (3, 10, 64)
        let (x, increment) = (numbers(rows * width, seed: 6), numbers(rows * stride, seed: 7))
        var sums = x
        add(increment, incrementStride: stride, to: &sums, rows: rows, width: width)
        #expect(sums == x.indices.map { x[$0] + increment[$0 / width * stride + $0 % width] })
    }
}
