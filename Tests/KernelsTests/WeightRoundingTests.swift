import Core
import TestSupport
import Testing

@testable import Kernels

/// Rounding to 4 bits, against the weights that were rounded.
@Suite struct WeightRoundingTests {
    private let pool = WorkerPool(threadCount: 2)

    private func numbers(_ count: Int, seed: UInt64) -> [Float] {
        var random = SeededGenerator(seed: seed)
        return (0..<count).map { _ in Float.random(in: -1...1, using: &random) }
    }

    private func meaning(_ packed: PackedRows, rows: Int, columns: Int) -> [Double] {
        var weights = GroupedWeights(PackedRows.grouping, rows: rows, columns: columns, seed: 0)
        (weights.numbers, weights.groups) = (packed.numbers, packed.groups)
        (weights.scales, weights.minimums) = (packed.scales, packed.minimums)
        return (0..<rows * columns).map { weights.weight($0 / columns, $0 % columns) }
    }

    /// Inputs in which neighbours are alike, and some columns larger than others.
    private func inputs(_ count: Int, columns: Int) -> [Float] {
        var random = SeededGenerator(seed: 9)
        var x: [Float] = []
        for _ in 0..<count {
            var last: Float = 0
            for column in 0..<columns {
                last = 0.9 * last + Float.random(in: -1...1, using: &random)
                x.append(column % 7 == 0 ? 5 * last : last)
            }
        }
        return x
    }

    @Test(
        "numbers are the nearest, and no weight is off by more than a step of its group",
        arguments: [1, 31, 32, 40, 257, 576])
    func nearest(columns: Int) {
        let rows = 9
        var weights = numbers(rows * columns, seed: 1)
        for column in 0..<columns {
            weights[column] = 0
            weights[columns + column] = 0.25
            weights[2 * columns + column] *= column / 32 % 2 == 0 ? 1 : 1e-3
        }
        let packed = WeightRounding(columnCount: columns)(weights, pool: pool)
        let found = meaning(packed, rows: rows, columns: columns)
        for (index, (weight, found)) in zip(weights, found).enumerated() {
            let group = index / columns * columns + index % columns / 32 * 32
            let part = weights[group..<min(group + 32, (index / columns + 1) * columns)]
            // Of a block, scales and minimums have 255 steps; a tiny group beside large ones has no finer.
            let step = Double(max(part.max()!, 0) - min(part.min()!, 0)) / 15 + 1.0 / 255
            #expect(abs(found - Double(weight)) <= 1.1 * step, "row \(index / columns), column \(index % columns)")
        }
        #expect(found[..<columns].allSatisfy { $0 == 0 })
    }

    @Test("with inputs, what the layer makes of them changes less, whichever threads round")
    func outputs() {
        let (rows, columns) = (40, 160)
        let weights = numbers(rows * columns, seed: 2)
        let known = inputs(600, columns: columns)
        let rounding = WeightRounding(inputs: known, columnCount: columns, pool: pool)
        let packed = rounding(weights, pool: pool)
        for threads in [1, 3] {
            let pool = WorkerPool(threadCount: threads)
            #expect(WeightRounding(inputs: known, columnCount: columns, pool: pool)(weights, pool: pool) == packed)
        }
        func error(_ packed: PackedRows) -> Double {
            let found = meaning(packed, rows: rows, columns: columns)
            var sum = 0.0
            for input in 0..<600 {
                for row in 0..<rows {
                    let difference = (0..<columns).reduce(0.0) {
                        $0 + Double(known[input * columns + $1])
                            * (found[row * columns + $1] - Double(weights[row * columns + $1]))
                    }
                    sum += difference * difference
                }
            }
            return sum
        }
        let plain = error(WeightRounding(columnCount: columns)(weights, pool: pool))
        #expect(error(packed) < 0.5 * plain, "\(error(packed)) beside \(plain)")
    }

    @Test("inputs that say nothing leave numbers the nearest")
    func nothingKnown() {
        let (rows, columns) = (3, 70)
        let weights = numbers(rows * columns, seed: 3)
        let nearest = WeightRounding(columnCount: columns)(weights, pool: pool)
        for inputs in [[], [Float](repeating: 0, count: 140), [Float](repeating: .nan, count: 140)] {
            #expect(WeightRounding(inputs: inputs, columnCount: columns, pool: pool)(weights, pool: pool) == nearest)
        }
        // Fewer inputs than columns are enough.
        let few = WeightRounding(inputs: self.inputs(5, columns: columns), columnCount: columns, pool: pool)
        #expect(meaning(few(weights, pool: pool), rows: rows, columns: columns).allSatisfy { abs($0) < 2 })
    }
}
