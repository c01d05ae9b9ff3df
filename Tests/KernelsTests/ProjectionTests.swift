import Core
import Foundation
import TestSupport
import Testing

@testable import Kernels

@Suite struct ProjectionTests {
    private func numbers(_ count: Int, seed: UInt64, scale: Float = 1) -> [Float] {
        var random = SeededGenerator(seed: seed)
        return (0..<count).map { _ in Float.random(in: -scale...scale, using: &random) }
    }

    private func integers(_ count: Int, seed: UInt64) -> [Int8] {
        var random = SeededGenerator(seed: seed)
        return (0..<count).map { _ in Int8.random(in: -127...127, using: &random) }
    }

    private let pool = WorkerPool(threadCount: 2)

    private func matrix(_ weights: [Int8], scales: [Float], columns: Int) -> WeightMatrix {
        unsafe WeightMatrix(
            bytes: weights.span.bytes, element: .int8, scales: scales, rowCount: scales.count, columnCount: columns,
            number: .int8, pool: pool)
    }

    private func apply(
        _ projection: Projection, _ x: [Float], stride: Int, rows: Int, selection: Range<Int>? = nil,
        threads: Int = 1
    ) -> [Float] {
        let pool = WorkerPool(threadCount: threads)
        let input = ProductInput()
        input.take(x, stride: stride, rows: rows, width: projection.inputCount, as: projection.number, pool: pool)
        var y = [Float](repeating: .nan, count: rows * projection.stride + 1)
        projection(input, into: &y, selection: selection, pool: pool)
        #expect(y.removeLast().isNaN)
        return y
    }

    @Test(
        "outputs of several matrices stand side by side and agree with sums in double precision",
        arguments: [ProductNumber.f32, .bf16])
    func agreesWithDouble(number: ProductNumber) {
        for (rows, inputs) in [
            (1, 1), (3, 2), (9, 3), (1, 16), (2, 17), (7, 33), (8, 64), (65, 40), (130, 8), (800, 5),
        ] {
            let shapes = [1, 5, 64, 300]
            let weights = shapes.enumerated().map { numbers($1 * inputs, seed: UInt64($0)) }
            let projection = Projection(
                zip(shapes, weights).map {
                    WeightMatrix($1, rowCount: $0, columnCount: inputs, number: number, pool: pool)
                })
            #expect(projection.columns == [0, 64, 128, 192] && projection.stride == 192 + 320)
            let stride = inputs + 3
            let x = numbers(rows * stride, seed: 9)
            let y = apply(projection, x, stride: stride, rows: rows)
            func stored(_ value: Float, _ number: ProductNumber) -> Double {
                Double(number == .f32 ? value : BFloat16(value).float)
            }
            var worst = 0.0
            for row in 0..<rows {
                for (column, (outputs, weight)) in zip(projection.columns, zip(shapes, weights)) {
                    for output in 0..<outputs {
                        let exact = (0..<inputs).reduce(0.0) {
                            $0 + stored(x[row * stride + $1], number.rows)
                                * stored(weight[output * inputs + $1], number)
                        }
                        worst = max(worst, abs(Double(y[row * projection.stride + column + output]) - exact))
                    }
                }
            }
            #expect(worst < 1e-5, "\(rows) rows of \(inputs)")
        }
    }

    @Test("8-bit products are those of the rounded inputs, whatever the sizes of weights and inputs")
    func eightBits() {
        for (rows, inputs, outputs) in [
            (1, 1, 1), (3, 7, 65), (7, 64, 64), (14, 257, 130), (97, 40, 10), (66, 770, 70),
        ] {
            let (weights, x) = (integers(outputs * inputs, seed: 1), numbers(rows * inputs, seed: 2))
            var input = x
            // One row of zeros, one large and one small.
            for column in 0..<inputs where rows > 2 {
                input[column] = 0
                input[inputs + column] *= 1e20
                input[2 * inputs + column] *= 1e-20
            }
            var scales = numbers(outputs, seed: 3).map(abs)
            if outputs > 2 { scales.replaceSubrange(0..<3, with: [0, 1e10, 1e-10]) }
            let y = apply(
                Projection([matrix(weights, scales: scales, columns: inputs)]), input, stride: inputs, rows: rows)
            let stride = (outputs + 63) / 64 * 64
            for row in 0..<rows {
                let values = input[row * inputs..<(row + 1) * inputs]
                let largest = Double(values.map(abs).max() ?? 0)
                let steps = (0..<inputs).map { column in
                    let first = values.startIndex + column / 256 * 256
                    return Double(values[first..<min(first + 256, values.endIndex)].map(abs).max()!) / 127
                }
                for output in 0..<outputs {
                    let row8 = weights[output * inputs..<(output + 1) * inputs].map { Double($0) }
                    let exact = zip(values, row8).reduce(0.0) { $0 + Double($1.0) * $1.1 }
                    // Every input is off by half a step at most.
                    let bound = zip(row8, steps).reduce(0.0) { $0 + 0.501 * $1.1 * abs($1.0) } * Double(scales[output])
                    let error = abs(Double(y[row * stride + output]) - exact * Double(scales[output]))
                    let rounding = 1e-6 * Double(inputs) * largest * 127 * Double(scales[output])
                    #expect(error <= bound + rounding, "row \(row), output \(output) of \(outputs) × \(inputs)")
                    if largest == 0 || scales[output] == 0 { #expect(y[row * stride + output] == 0) }
                }
            }
        }
    }

    @Test("8-bit products of whole numbers are exact")
    func wholeNumbers() {
        let (rows, inputs, outputs) = (5, 100, 70)
        let weights = integers(outputs * inputs, seed: 4)
        // With 127 in every row, one step is one.
        let x = (0..<rows * inputs).map { $0 % inputs == 3 ? 127 : Float($0 * 37 % 255 - 127) }
        let scales = (0..<outputs).map { Float($0 + 1) / 4 }
        let y = apply(Projection([matrix(weights, scales: scales, columns: inputs)]), x, stride: inputs, rows: rows)
        for row in 0..<rows {
            for output in 0..<outputs {
                let sum = (0..<inputs).reduce(0) {
                    $0 + Int(x[row * inputs + $1]) * Int(weights[output * inputs + $1])
                }
                #expect(y[row * 128 + output] == Float(sum) * scales[output])
            }
        }
    }

    private func projection(_ number: ProductNumber, _ shapes: [Int], columns: Int) -> Projection {
        Projection(
            shapes.enumerated().map { index, rows in
                let seed = UInt64(index + 20)
                guard number != .grouped else {
                    return GroupedWeights(
                        GroupedWeights.groupings[index % 4], rows: rows, columns: columns, seed: seed
                    ).matrix(pool)
                }
                guard number == .int8 else {
                    return WeightMatrix(
                        numbers(rows * columns, seed: seed), rowCount: rows, columnCount: columns, number: number,
                        pool: pool)
                }
                return matrix(
                    integers(rows * columns, seed: seed), scales: numbers(rows, seed: seed).map(abs), columns: columns)
            })
    }

    @Test("a selection of matrices leaves the others' outputs alone", arguments: ProductNumber.allCases)
    func selections(number: ProductNumber) {
        let projection = projection(number, [70, 3, 64, 130], columns: 50)
        let x = numbers(4 * 50, seed: 5)
        let all = apply(projection, x, stride: 50, rows: 4)
        for selection in [0..<1, 1..<3, 3..<4, 0..<4, 2..<2] {
            let some = apply(projection, x, stride: 50, rows: 4, selection: selection)
            let ends = projection.columns + [projection.stride]
            for index in some.indices {
                let isSelected = (ends[selection.lowerBound]..<ends[selection.upperBound])
                    .contains(index % projection.stride)
                let expected = isSelected ? all[index].bitPattern : Float.nan.bitPattern
                #expect(some[index].bitPattern == expected, "\(selection), number \(index)")
            }
        }
    }

    @Test("bits depend neither on rows beside nor on threads nor on what runs then", arguments: ProductNumber.allCases)
    func neighboursDoNotMatter(number: ProductNumber) async {
        let (rows, inputs) = (100, 256)
        let x = numbers(rows * inputs, seed: 6)
        let projection = projection(number, [700, 65], columns: inputs)
        let all = apply(projection, x, stride: inputs, rows: rows)
        for row in [0, 1, 50, 99] {
            let alone = apply(projection, Array(x[(row * inputs)...]), stride: inputs, rows: 1)
            #expect(alone == Array(all[row * projection.stride..<(row + 1) * projection.stride]))
        }
        for threads in [2, 3, 8] {
            #expect(apply(projection, x, stride: inputs, rows: rows, threads: threads) == all)
        }
        let pool = WorkerPool(threadCount: 3)
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<6 {
                group.addTask {
                    let input = ProductInput()
                    input.take(x, stride: inputs, rows: rows, width: inputs, as: number, pool: pool)
                    var y = [Float](repeating: 0, count: rows * projection.stride)
                    projection(input, into: &y, pool: pool)
                    return y == all
                }
            }
            for await same in group { #expect(same) }
        }
    }

    @Test("no rows are no work")
    func noRows() {
        #expect(apply(projection(.f32, [5], columns: 3), [], stride: 3, rows: 0).isEmpty)
    }

    @Test("products are counted")
    func statistics() {
        let before = ProductStatistics.current
        _ = apply(projection(.f32, [64], columns: 64), numbers(64, seed: 7), stride: 64, rows: 1)
        let after = ProductStatistics.current
        #expect(after.multiplications >= before.multiplications + 64 * 64)
        #expect(after.seconds > before.seconds)
    }
}
