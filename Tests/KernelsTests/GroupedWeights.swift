import Core
import TestSupport

@testable import Kernels

/// Random weights in groups, as they are stored, and what they mean.
struct GroupedWeights {
    let rows: Int
    let columns: Int
    let grouping: WeightGrouping
    var numbers: [UInt8]
    var groups: [UInt8]
    var scales: [Float]
    var minimums: [Float]

    static let groupings = [false, true].flatMap { every in
        [WeightGrouping(bits: .four, scalesEveryGroup: every), WeightGrouping(bits: .eight, scalesEveryGroup: every)]
    }

    init(_ grouping: WeightGrouping, rows: Int, columns: Int, seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let (count, scaleCount) = (WeightGrouping.groupCount(columns: columns), grouping.scaleCount(columns: columns))
        (self.rows, self.columns, self.grouping) = (rows, columns, grouping)
        let bytes = grouping.bits == .four ? count * 16 : columns
        numbers = (0..<rows * bytes).map { _ in UInt8.random(in: 0...255, using: &random) }
        groups = (0..<rows * count * 2).map { _ in UInt8.random(in: 0...255, using: &random) }
        scales = (0..<rows * scaleCount).map { _ in Float.random(in: -0.01...0.01, using: &random) }
        minimums = (0..<rows * scaleCount).map { _ in Float.random(in: -0.01...0.01, using: &random) }
    }

    func matrix(_ pool: WorkerPool) -> WeightMatrix {
        guard grouping.bits == .four else {
            return unsafe WeightMatrix(
                numbers: numbers.span.bytes, scales: scales.span.bytes, grouping, rowCount: rows, columnCount: columns,
                pool: pool)
        }
        return unsafe WeightMatrix(
            numbers: numbers.span.bytes, groups: groups.span.bytes, scales: scales.span.bytes,
            minimums: minimums.span.bytes, grouping, rowCount: rows, columnCount: columns, pool: pool)
    }

    func weight(_ row: Int, _ column: Int) -> Double {
        let count = WeightGrouping.groupCount(columns: columns)
        let scaleCount = grouping.scaleCount(columns: columns)
        let perScale = grouping.scalesEveryGroup ? 32 : grouping.bits == .eight ? columns : 256
        let scale = row * scaleCount + column / perScale
        guard grouping.bits == .four else {
            return Double(scales[scale]) * Double(Int8(bitPattern: numbers[row * columns + column]))
        }
        let byte = numbers[row * count * 16 + column / 2]
        let number = Double(column % 2 == 0 ? byte & 15 : byte >> 4)
        let group = (row * count + column / 32) * 2
        return Double(scales[scale]) * Double(groups[group]) * number
            - Double(minimums[scale]) * Double(groups[group + 1])
    }
}
