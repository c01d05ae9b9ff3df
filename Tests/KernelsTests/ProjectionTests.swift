import Core
import Foundation
import Kernels
import TestSupport
import Testing

@Suite struct ProjectionTests {
    private func numbers(_ count: Int, seed: UInt64) -> [Float] {
        var random = SeededGenerator(seed: seed)
        return (0..<count).map { _ in Float.random(in: -1...1, using: &random) }
    }

    private func matrix(
        _ values: [Float], rows: Int, columns: Int, _ compute: ElementType, _ backend: ProductBackend? = nil
    ) -> WeightMatrix {
        WeightMatrix(values, rowCount: rows, columnCount: columns, compute: compute, backend: backend)
    }

    /// Types and who multiplies them; oneDNN only where this processor has bf16 products.
    private static let arithmetics: [(ElementType, ProductBackend)] =
        [(.f32, .openBLAS), (.bf16, .widenedOpenBLAS)]
        + (ProductBackend.best(for: .bf16) == .oneDNN ? [(.bf16, .oneDNN)] : [])

    private func apply(
        _ projection: Projection, _ x: [Float], stride: Int, rows: Int, threads: Int = 1
    ) -> [Float] {
        var y = [Float](repeating: .nan, count: max(rows, Projection.paddedRows(rows)) * projection.outputCount)
        projection(
            x, stride: stride, rows: rows, into: &y, scratch: ProductScratch(), pool: WorkerPool(threadCount: threads))
        return Array(y[..<(rows * projection.outputCount)])
    }

    @Test("outputs of several matrices stand side by side and agree with sums in double precision")
    func agreesWithDouble() {
        for (compute, backend) in Self.arithmetics {
            for (rows, inputs) in [(1, 1), (3, 2), (9, 3), (1, 16), (2, 17), (7, 33), (8, 64), (65, 40), (130, 8)] {
                let shapes = [1, 5, 64, 300]
                let weights = shapes.enumerated().map { numbers($1 * inputs, seed: UInt64($0)) }
                let projection = Projection(
                    zip(shapes, weights).map { matrix($1, rows: $0, columns: inputs, compute, backend) })
                let stride = inputs + 3
                let x = numbers(rows * stride, seed: 9)
                let y = apply(projection, x, stride: stride, rows: rows)
                func stored(_ value: Float) -> Double { Double(compute == .f32 ? value : BFloat16(value).float) }
                var worst = 0.0
                for row in 0..<rows {
                    var column = 0
                    for (outputs, weight) in zip(shapes, weights) {
                        for output in 0..<outputs {
                            let exact = (0..<inputs).reduce(0.0) {
                                $0 + stored(x[row * stride + $1]) * stored(weight[output * inputs + $1])
                            }
                            worst = max(worst, abs(Double(y[row * projection.outputCount + column]) - exact))
                            column += 1
                        }
                    }
                }
                #expect(worst < 2e-5, "\(backend), \(rows) rows of \(inputs)")
            }
        }
    }

    @Test("bits depend neither on threads nor on what runs at the same time")
    func threadsDoNotMatter() async {
        let (rows, inputs, outputs) = (100, 256, 700)
        let weights = numbers(outputs * inputs, seed: 1)
        let x = numbers(rows * inputs, seed: 2)
        for (compute, backend) in Self.arithmetics {
            let projection = Projection([matrix(weights, rows: outputs, columns: inputs, compute, backend)])
            let alone = apply(projection, x, stride: inputs, rows: rows)
            for threads in [2, 3, 8] {
                #expect(apply(projection, x, stride: inputs, rows: rows, threads: threads) == alone)
            }
            let pool = WorkerPool(threadCount: 3)
            await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<6 {
                    group.addTask {
                        var y = [Float](repeating: 0, count: Projection.paddedRows(rows) * outputs)
                        projection(
                            x, stride: inputs, rows: rows, into: &y, scratch: ProductScratch(), pool: pool)
                        return Array(y[..<(rows * outputs)]) == alone
                    }
                }
                for await same in group { #expect(same, "\(backend)") }
            }
        }
    }

    @Test("a table's rows come back as they were stored")
    func rowsOfATable() {
        let values = numbers(6 * 20, seed: 3)
        for (compute, backend) in Self.arithmetics {
            let table = matrix(values, rows: 6, columns: 20, compute, backend)
            var row = [Float](repeating: 0, count: 60)
            table.copyRow(4, into: &row, at: 20)
            let expected = values[80..<100].map { compute == .f32 ? $0 : BFloat16($0).float }
            #expect(Array(row[20..<40]) == expected)
        }
    }

    @Test("products are counted")
    func statistics() {
        let before = ProductStatistics.current
        let projection = Projection([matrix(numbers(64 * 64, seed: 4), rows: 64, columns: 64, .f32)])
        _ = apply(projection, numbers(64, seed: 5), stride: 64, rows: 1)
        let after = ProductStatistics.current
        #expect(after.multiplications >= before.multiplications + 64 * 64)
        #expect(after.seconds > before.seconds)
    }

    @Test("every backend says what it is")
    func descriptions() {
        for backend in ProductBackend.allCases { #expect(backend.description.contains(".")) }
        #expect(Loops.names.contains(ProductBackend.loopInstructions))
    }
}
