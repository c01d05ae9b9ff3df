import Core
import TestSupport
import Testing

@testable import Kernels

/// Products with weights of one byte: every level has the portable one's bits, and blocks keep their own precision.
@Suite struct ByteProductsTests {
    private let pool = WorkerPool(threadCount: 2)

    private func input(_ x: [Float], columns: Int) -> ProductInput {
        let input = ProductInput()
        input.take(x, stride: columns, rows: x.count / columns, width: columns, as: .int8, pool: pool)
        return input
    }

    private func matrix(_ weights: [Int8], scales: [Float], columns: Int) -> WeightMatrix {
        unsafe WeightMatrix(
            bytes: weights.span.bytes, element: .int8, scales: scales, rowCount: scales.count, columnCount: columns,
            number: .int8, pool: pool)
    }

    @Test("every level has the same bits, and a row the same alone and among others")
    func levels() throws {
        var random = SeededGenerator(seed: 1)
        let portable = try #require(BytePanels("portable"))
        for (outputs, columns) in [(1, 1), (65, 63), (64, 256), (20, 257), (130, 576), (64, 1025)] {
            let weights = (0..<outputs * columns).map { _ in Int8.random(in: -127...127, using: &random) }
            let scales = (0..<outputs).map { _ in Float.random(in: 0...2, using: &random) }
            let x = (0..<67 * columns).map { _ in Float.random(in: -2...2, using: &random) }
            let matrix = matrix(weights, scales: scales, columns: columns)
            let expected = portable.multiply(input(x, columns: columns), matrix).map(\.bitPattern)
            let width = expected.count / 67
            for level in KernelLevel.available {
                let panels = try #require(BytePanels(level))
                for rows in [1, 2, 3, 7, 64, 65, 67] {
                    let first = 67 - rows
                    let some = panels.multiply(input(Array(x[(first * columns)...]), columns: columns), matrix)
                    let same = some.map(\.bitPattern).elementsEqual(expected[(first * width)...])
                    #expect(same, "\(level): \(rows) rows, \(outputs) × \(columns)")
                }
            }
        }
    }

    @Test("a large input takes no digits from those of other blocks")
    func largeInputs() {
        // Weights that are zero where the large one stands: what is left are sums of small numbers.
        let columns = 600
        var x = (0..<columns).map { Float($0 % 128) }
        x[3] = 1e6
        x[590] = 127
        let weights = (0..<columns).map { $0 < 256 ? Int8(0) : Int8($0 % 5 - 2) }
        var y = [Float](repeating: .nan, count: 64)
        Projection([matrix(weights, scales: [1], columns: columns)])(input(x, columns: columns), into: &y, pool: pool)
        let exact = (256..<columns).reduce(0) { $0 + Int(x[$1]) * Int(weights[$1]) }
        #expect(y[0] == Float(exact))
    }

    @Test("the largest numbers do not overflow on the way", arguments: [Int8.min, -127, 127], [Float(1), -1])
    func largest(weight: Int8, value: Float) throws {
        let columns = 512
        let matrix = matrix(
            [Int8](repeating: weight, count: 64 * columns), scales: [Float](repeating: 1, count: 64), columns: columns)
        let x = input([Float](repeating: value * 127, count: columns), columns: columns)
        for level in KernelLevel.available {
            let y = try #require(BytePanels(level)).multiply(x, matrix)
            #expect(y.allSatisfy { $0 == Float(columns) * Float(weight) * value * 127 }, "\(level)")
        }
    }
}
