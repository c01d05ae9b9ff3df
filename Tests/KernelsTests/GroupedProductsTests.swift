import Core
import TestSupport
import Testing

@testable import Kernels

/// Products with weights in groups: every level has the portable one's bits, and these are close to the truth.
@Suite struct GroupedProductsTests {
    private let pool = WorkerPool(threadCount: 2)
    /// Outputs and columns around strips, groups and blocks.
    private static let shapes = [
        (1, 1), (3, 31), (16, 32), (17, 33), (64, 64), (65, 65), (5, 96), (20, 255), (16, 256), (7, 257), (33, 320),
        (130, 576),
        (2, 1025),
    ]

    private func numbers(_ count: Int, seed: UInt64) -> [Float] {
        var random = SeededGenerator(seed: seed)
        return (0..<count).map { _ in Float.random(in: -2...2, using: &random) }
    }

    private func input(_ x: [Float], columns: Int) -> ProductInput {
        let input = ProductInput()
        input.take(x, stride: columns, rows: x.count / columns, width: columns, as: .grouped, pool: pool)
        return input
    }

    @Test(
        "every level has the same bits, and a row the same alone and among others", arguments: GroupedWeights.groupings)
    func levels(grouping: WeightGrouping) throws {
        let portable = try #require(Strips("portable"))
        for (outputs, columns) in Self.shapes {
            let matrix = GroupedWeights(grouping, rows: outputs, columns: columns, seed: 1).matrix(pool)
            let x = numbers(11 * columns, seed: UInt64(columns))
            let expected = portable.multiply(input(x, columns: columns), matrix).map(\.bitPattern)
            let width = expected.count / 11
            for level in KernelLevel.available {
                let strips = try #require(Strips(level))
                for rows in 1...11 {
                    let first = 11 - rows
                    let some = strips.multiply(input(Array(x[(first * columns)...]), columns: columns), matrix)
                    let same = some.map(\.bitPattern).elementsEqual(expected[(first * width)...])
                    #expect(same, "\(level): \(rows) rows, \(outputs) × \(columns)")
                }
            }
        }
    }

    @Test(
        "products are those of the weights that are stored, up to the rounding of rows",
        arguments: GroupedWeights.groupings)
    func agreesWithDouble(grouping: WeightGrouping) {
        for (outputs, columns) in Self.shapes {
            let weights = GroupedWeights(grouping, rows: outputs, columns: columns, seed: 2)
            var x = numbers(3 * columns, seed: 3)
            // Blocks of very different sizes, and a row of zeros.
            for column in 0..<columns {
                x[column] *= column / 256 % 2 == 0 ? 1e10 : 1e-10
                x[columns + column] = 0
            }
            var y = [Float](repeating: .nan, count: 3 * 64 * ((outputs + 63) / 64))
            let projection = Projection([weights.matrix(pool)])
            projection(input(x, columns: columns), into: &y, pool: pool)
            for row in 0..<3 {
                let values = x[row * columns..<(row + 1) * columns].map(Double.init)
                let steps = (0..<columns).map { column in
                    values[column / 256 * 256..<min(column / 256 * 256 + 256, columns)].map(abs).max()! / 127
                }
                for output in 0..<outputs {
                    let (exact, bound) = (0..<columns).reduce((0.0, 0.0)) { sums, column in
                        let weight = weights.weight(output, column)
                        return (sums.0 + values[column] * weight, sums.1 + 0.501 * steps[column] * abs(weight))
                    }
                    // What is subtracted is large beside what is left.
                    let rounding = 1e-5 * steps.max()! * 127 * Double(columns) * 40
                    let error = abs(Double(y[row * projection.stride + output]) - exact)
                    #expect(error <= bound + rounding, "\(outputs) × \(columns), row \(row), output \(output)")
                }
            }
        }
    }

    @Test("the largest numbers do not overflow on the way", arguments: GroupedWeights.groupings)
    func largest(grouping: WeightGrouping) throws {
        for (number, value) in [(UInt8(255), Float(127)), (128, -127), (255, -127), (128, 127)] {
            var weights = GroupedWeights(grouping, rows: 16, columns: 512, seed: 4)
            weights.numbers = [UInt8](repeating: number, count: weights.numbers.count)
            weights.groups = [UInt8](repeating: 255, count: weights.groups.count)
            weights.scales = [Float](repeating: 1, count: weights.scales.count)
            weights.minimums = [Float](repeating: 0, count: weights.minimums.count)
            let x = input([Float](repeating: value, count: 512), columns: 512)
            let exact = (0..<512).reduce(0.0) { $0 + Double(value) * weights.weight(3, $1) }
            for level in KernelLevel.available {
                #expect(try #require(Strips(level)).multiply(x, weights.matrix(pool))[3] == Float(exact), "\(level)")
            }
        }
    }

    @Test("grouped weights know what they take before they are there", arguments: GroupedWeights.groupings)
    func bytes(grouping: WeightGrouping) {
        for (outputs, columns) in Self.shapes {
            let matrix = GroupedWeights(grouping, rows: outputs, columns: columns, seed: 5).matrix(pool)
            #expect(
                matrix.byteCount == WeightMatrix.byteCount(rowCount: outputs, columnCount: columns, grouping))
        }
    }
}
