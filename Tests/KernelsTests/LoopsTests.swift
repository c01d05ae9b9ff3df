import Core
import Kernels
import TestSupport
import Testing

/// Every instruction level against the portable one, at lengths around the lane widths.
@Suite struct LoopsTests {
    private static let lengths = [0, 1, 7, 8, 9, 15, 16, 17, 31, 32, 33, 48, 63, 64, 65, 100]
    private let portable: Loops
    private let others: [Loops]

    init() throws {
        portable = try #require(Loops("portable"))
        others = KernelLevel.available.dropFirst().compactMap { Loops($0) }
    }

    private func numbers(_ count: Int, seed: UInt64, scale: Float = 1) -> [Float] {
        var random = SeededGenerator(seed: seed)
        return (0..<count).map { _ in Float.random(in: -scale...scale, using: &random) }
    }

    private func expectClose(
        _ a: [Float], _ b: [Float], _ tolerance: Float = 1e-5, location: SourceLocation = #_sourceLocation
    ) {
        #expect(a.count == b.count, sourceLocation: location)
        for (a, b) in zip(a, b) { #expect(abs(a - b) <= tolerance * max(1, abs(b)), sourceLocation: location) }
    }

    @Test("sums and row arithmetic agree", arguments: lengths)
    func rows(count: Int) {
        let (a, b) = (numbers(count, seed: 1), numbers(count, seed: 2))
        let wide = numbers(count, seed: 3, scale: 90)
        for loops in others {
            expectClose([loops.dot(a, b)], [portable.dot(a, b)])
            #expect(loops.highest(wide) == portable.highest(wide))
            expectClose(loops.swiglu(wide, a), portable.swiglu(wide, a))
            let highest = portable.highest(wide)
            guard count > 0 else { continue }
            expectClose(
                loops.normalize(a, weight: b, epsilon: 1e-5), portable.normalize(a, weight: b, epsilon: 1e-5))
            expectClose(
                loops.exponentiate(wide, highest: highest), portable.exponentiate(wide, highest: highest), 2e-6)
        }
    }

    @Test(
        "the nearest of 256 centroids is the same on every level, the lowest of equal ones, and the one that is nearest"
    )
    func nearest() {
        var random = SeededGenerator(seed: 9)
        // Small whole numbers, so that many are equally near.
        let coarse = (0..<1024).map { _ in Float(Int.random(in: -2...2, using: &random)) }
        for (centroids, rows) in [
            (numbers(1024, seed: 10), numbers(70 * 12, seed: 11)), (coarse, coarse.prefix(70 * 12).map { $0 / 2 }),
        ] {
            let columns = (0..<4).flatMap { place in (0..<256).map { centroids[4 * $0 + place] } }
            var halves = [Float](repeating: 0, count: 256)
            for (place, number) in columns.enumerated() { halves[place % 256] += number * number / 2 }
            let codes = nearestCentroids(to: rows, from: 4, stride: 12, count: 70, centroids: centroids)
            for loops in others + [portable] {
                #expect(
                    loops.nearest(rows, from: 4, stride: 12, count: 70, centroids: columns, halves: halves) == codes)
            }
            func distance(_ row: Int, _ code: Int) -> Float {
                var sum: Float = 0
                for place in 0..<4 {
                    let difference = rows[row * 12 + 4 + place] - centroids[4 * code + place]
                    sum += difference * difference
                }
                return sum
            }
            for (row, code) in codes.enumerated() {
                let all = (0..<256).map { distance(row, $0) }
                let least = all.min() ?? 0
                #expect(all[Int(code)] <= least + 1e-5)
                if centroids == coarse { #expect(Int(code) == all.firstIndex(of: least)) }
            }
        }
        #expect(nearestCentroids(to: [], from: 0, stride: 4, count: 0, centroids: coarse).isEmpty)
        #expect(nearestCentroids(to: [.nan, 0, 0, 0], from: 0, stride: 4, count: 1, centroids: coarse) == [0])
    }

    @Test("rounding to bf16 and widening are exact on every level", arguments: lengths)
    func conversions(count: Int) {
        var random = SeededGenerator(seed: 4)
        var values = (0..<count).map { _ in Float(bitPattern: UInt32.random(in: 0...UInt32.max, using: &random)) }
        for (index, special) in [Float.nan, .infinity, -.infinity, 0, -0.0, 0x1.01p0, 0x1.03p0, 0x1p-140].enumerated()
        where index < count {
            values[index] = special
        }
        for loops in others + [portable] {
            let narrow = loops.narrow(values)
            #expect(narrow == values.map { BFloat16($0).bits })
            #expect(loops.widen(narrow).map(\.bitPattern) == narrow.map { BFloat16(bits: $0).float.bitPattern })
        }
    }

    @Test("bytes around 128 are within half a step of the numbers, whatever their size", arguments: lengths)
    func quantization(count: Int) {
        for magnitude: Float in [1, 1e-30, 1e30, 3e-4] {
            var values = numbers(count, seed: 5, scale: magnitude)
            if count > 2 { values[count / 2] = -magnitude }
            for loops in others + [portable] {
                let (bytes, scale) = loops.quantize(values)
                #expect(scale == portable.quantize(values).scale)
                let errors = zip(bytes, values).map { abs(Double($0) - 128 - Double($1) / Double(scale)) }
                #expect(errors.allSatisfy { $0 <= 0.5001 })
                #expect(bytes.allSatisfy { $0 > 0 } && (count == 0 || bytes.contains { $0 == 1 || $0 == 255 }))
            }
        }
    }

    @Test("zeros, and numbers too small for a step, are zeros", arguments: lengths)
    func quantizationOfNothing(count: Int) {
        for value: Float in [0, -0.0, 1e-36, -1e-38, -0x1p-133, 0x1p-149] {
            for loops in others + [portable] {
                let (bytes, scale) = loops.quantize([Float](repeating: value, count: count))
                #expect(bytes.allSatisfy { $0 == 128 } && scale == 1)
            }
        }
    }

    @Test("sums of bytes are scaled alike on every level", arguments: [0, 1, 2, 33])
    func scaling(rows: Int) {
        var random = SeededGenerator(seed: 6)
        let sums = (0..<64 * rows).map { _ in Int32.random(in: -(1 << 28)..<1 << 28, using: &random) }
        let weightSums = (0..<64).map { _ in Int16.random(in: .min ... .max, using: &random) }
        let (scales, columnScales) = (numbers(rows, seed: 7), numbers(64, seed: 8))
        let added = numbers(64 * rows, seed: 9, scale: 1e8)
        let expected = sums.indices.map {
            Float(sums[$0] - 128 * Int32(weightSums[$0 % 64])) * (scales[$0 / 64] * columnScales[$0 % 64])
        }
        for loops in others + [portable] {
            func scaled(addingTo added: [Float] = []) -> [Float] {
                loops.scaleProducts(
                    sums, scales: scales, columnScales: columnScales, weightSums: weightSums, addingTo: added)
            }
            #expect(scaled() == expected)
            // The product is rounded before it is added.
            #expect(scaled(addingTo: added) == zip(added, expected).map { $0 + $1 })
        }
    }

    @Test(
        "stored states are decoded to the same bits on every level: products and sums are rounded", arguments: lengths)
    func decoding(count: Int) {
        guard count > 0 else { return }
        var random = SeededGenerator(seed: 8)
        let bytes = (0..<count).map { _ in Int8.random(in: -128...127, using: &random) }
        let sums = (0..<count).map { _ in Int32.random(in: -(1 << 24)..<1 << 24, using: &random) }
        let offsets = (0..<count).map { _ in Int32.random(in: -(1 << 16)..<1 << 16, using: &random) }
        let (scales, means) = (numbers(count, seed: 9), numbers(count, seed: 10))
        let keys = (0..<count).map { place in
            let product = Float(sums[place] - 128 * offsets[place]) * scales[0]
            return product + means[0]
        }
        let values = (0..<count).map { place in
            let product = Float(sums[place] - offsets[place]) * scales[place]
            return product + means[place]
        }
        for loops in others + [portable] {
            let decoded = loops.decode(bytes, sums, offsets, scales: scales, means: means)
            #expect(decoded == [bytes.map { Float($0) * scales[0] }, keys, values])
        }
    }

    @Test("rows that lie anywhere have the scores that they have in a product", arguments: [1, 7, 8, 16, 33, 100])
    func gatheredRows(depth: Int) {
        let (a, b) = (numbers(depth, seed: 13), portable.narrow(numbers(9 * depth, seed: 14)))
        for loops in others + [portable] {
            let all = loops.multiply(a, b, m: 1, n: 9, depth: depth)
            for places in [[3], [8, 0, 1], [7, 2, 2, 5], [0, 8, 4, 6, 1, 3, 7, 2, 5]] {
                #expect(loops.score(a, b, places: places) == places.map { all[$0] })
            }
        }
    }

    @Test("bf16 products agree at every shape around the tiles", arguments: [1, 16, 17, 40])
    func products(depth: Int) {
        for (m, n) in [(1, 1), (2, 3), (3, 4), (4, 9), (9, 5)] {
            let a = numbers(m * depth, seed: 11)
            let b = portable.narrow(numbers(n * depth, seed: 12))
            let expected = portable.multiply(a, b, m: m, n: n, depth: depth)
            for loops in others { expectClose(loops.multiply(a, b, m: m, n: n, depth: depth), expected) }
        }
    }

    @Test("unknown levels do not exist")
    func unknownLevel() throws {
        #expect(Loops("avx1024") == nil)
        #expect(KernelLevel.available.first == "portable" && KernelLevel.available.contains(KernelLevel.chosen))
        for name in KernelLevel.available {
            #expect(Loops(name) != nil && Panels(name) != nil)
            try KernelLevel.check(name)
        }
        try KernelLevel.check(nil)
        let why = KernelLevel.description.dropFirst("\(KernelLevel.chosen) kernels ".count)
        #expect(why.hasPrefix("(by IMPRAG_KERNELS") || why == "(the best of this processor)")
        let error = #expect(throws: ImpRAGError.self) { try KernelLevel.check("avx1024") }
        #expect(
            error?.message.contains("IMPRAG_KERNELS=avx1024") == true && error?.message.contains("portable") == true)
    }
}
