import Core
import Kernels
import TestSupport
import Testing

/// Products with panels: every instruction level against the portable one, at every shape around the tiles.
@Suite struct PanelsTests {
    private static let most = 97
    private static let counts = Array(1...14) + [96]
    /// Columns and groups: every way to cut the columns into vectors, every way to cut the groups into blocks.
    private static let shapes =
        [16, 32, 48, 64, 80, 128].flatMap { width in [1, 2, 31].map { (width, $0) } }
        + [16, 80].flatMap { width in [1024, 1025, 2048].map { (width, $0) } }

    private let portable: Panels
    private let others: [Panels]

    init() throws {
        portable = try #require(Panels("portable"))
        others = KernelLevel.available.dropFirst().compactMap { Panels($0) }
    }

    @Test("float32 sums agree, and a row's are the same alone and among others", arguments: shapes)
    func float32(width: Int, groups: Int) {
        let tolerance = 1e-6 * Float(groups).squareRoot() + 1e-6
        verify(.f32, width, groups, filler: -7.5 as Float, given: Self.float, weight: Self.float) {
            abs($0 - $1) <= tolerance
        }
    }

    @Test("sums of bf16 products agree, and a row's are the same alone and among others", arguments: shapes)
    func brainFloat(width: Int, groups: Int) {
        let tolerance = 2e-6 * Float(2 * groups).squareRoot() + 2e-6
        let number: (inout SeededGenerator) -> UInt16 = { BFloat16(Self.float(&$0)).bits }
        verify(
            .bf16, width, groups, filler: -7.5 as Float, given: number, weight: number,
            widened: { BFloat16(bits: $0).float }
        ) { abs($0 - $1) <= tolerance }
    }

    @Test("only products of bf16 round rows beside bf16 panels")
    func rowsBesideBrainFloat() {
        for panels in others + [portable] {
            #expect(panels.rows(beside: .bf16) == (panels.name == "avx512_bf16" ? .bf16 : .f32))
            #expect(panels.rows(beside: .f32) == .f32 && panels.rows(beside: .int8) == .int8)
            guard panels.rows(beside: .bf16) == .f32 else { continue }
            // 1 + 2⁻²⁰ is no bf16 number.
            var sums = [Float](repeating: 0, count: 16)
            panels.multiply(
                .bf16, [0x1.00001p0 as Float, 0x1.00001p0], rowStride: 2, rows: 1,
                panel: [UInt16](repeating: BFloat16(1).bits, count: 32), width: 16, groups: 1, into: &sums,
                sumStride: 16, adds: false)
            #expect(sums == [Float](repeating: 0x1.00001p1, count: 16), "\(panels.name)")
        }
    }

    @Test("sums of 8-bit products are exact on every level", arguments: shapes)
    func bytes(width: Int, groups: Int) {
        verify(
            .int8, width, groups, filler: -7 as Int32,
            given: { UInt8.random(in: 0...255, using: &$0) }, weight: { Int8.random(in: -127...127, using: &$0) }
        ) { $0 == $1 }
    }

    @Test("8-bit sums do not saturate on the way")
    func largestBytes() {
        let groups = 40
        let panel = [Int8](repeating: 127, count: groups * 16 * 4)
        for panels in others + [portable] {
            var sums = [Int32](repeating: 0, count: 16)
            panels.multiply(
                .int8, [UInt8](repeating: 255, count: 4 * groups), rowStride: 0, rows: 1, panel: panel, width: 16,
                groups: groups, into: &sums, sumStride: 16, adds: false)
            #expect(sums == [Int32](repeating: 4 * 40 * 255 * 127, count: 16))
        }
    }

    @Test(
        "a packed panel has every number in its place and zeros elsewhere",
        arguments: ProductNumber.allCases.filter { $0 != .grouped })
    func packing(number: ProductNumber) {
        switch number {
        case .f32: verifyPacking(number, group: 1, filler: -1 as Float) { Float($0) + 0.5 }
        case .bf16: verifyPacking(number, group: 2, filler: 0xFFFF as UInt16) { UInt16($0 % 60000 + 1) }
        case .int8: verifyPacking(number, group: 4, filler: -128 as Int8) { Int8($0 % 127 + 1) }
        case .grouped: Issue.record("grouped weights have no panels")
        }
    }

    @Test("unknown levels do not exist")
    func unknownLevel() {
        #expect(Panels("avx1024") == nil)
    }

    private static func float(_ random: inout SeededGenerator) -> Float { Float.random(in: -1...1, using: &random) }

    /// Compares all levels with the portable one, with and without what stands in the sums, and each row with itself.
    ///
    /// - Parameter widened: makes float32 of rows for levels that take them so beside bf16 panels.
    private func verify<Given: BitwiseCopyable, Weight: BitwiseCopyable, Sum: BitwiseCopyable & Numeric>(
        _ number: ProductNumber, _ width: Int, _ groups: Int, filler: Sum,
        given: (inout SeededGenerator) -> Given, weight: (inout SeededGenerator) -> Weight,
        widened: ((Given) -> Float)? = nil, isClose: (Sum, Sum) -> Bool
    ) {
        var random = SeededGenerator(seed: UInt64(width * 10_000 + groups))
        let group = 4 / number.size
        // Rows and sums have neighbours that nobody may touch.
        let (rowStride, sumStride) = (groups * group + 3, width + 5)
        let a = (0..<Self.most * rowStride).map { _ in given(&random) }
        let wide = widened.map { a.map($0) }
        let panel = (0..<groups * width * group).map { _ in weight(&random) }
        func multiply(
            _ panels: Panels, from first: Int, rows: Int, panel: [Weight], groups: Int, into sums: inout [Sum],
            adds: Bool
        ) {
            func multiply<Row: BitwiseCopyable>(_ a: [Row]) {
                panels.multiply(
                    number, Array(a[first...]), rowStride: rowStride, rows: rows, panel: panel, width: width,
                    groups: groups, into: &sums, sumStride: sumStride, adds: adds)
            }
            if let wide, panels.rows(beside: number) == .f32 { multiply(wide) } else { multiply(a) }
        }
        func multiply(_ panels: Panels, rows: Int, at first: Int, adds: Bool) -> [Sum] {
            var sums = [Sum](repeating: filler, count: rows * sumStride)
            multiply(
                panels, from: first * rowStride, rows: rows, panel: panel, groups: groups, into: &sums, adds: adds)
            return sums
        }
        for adds in [false, true] {
            let expected = multiply(portable, rows: Self.most, at: 0, adds: adds)
            for panels in others + [portable] {
                let all = multiply(panels, rows: Self.most, at: 0, adds: adds)
                let agrees = zip(all, expected).allSatisfy { isClose($0, $1) }
                #expect(agrees, "\(panels.name), adds: \(adds)")
                for index in all.indices where index % sumStride >= width { #expect(all[index] == filler) }
                for count in Self.counts {
                    let first = (count * 5) % (Self.most - count + 1)
                    let some = multiply(panels, rows: count, at: first, adds: adds)
                    let same = some.elementsEqual(all[first * sumStride..<(first + count) * sumStride])
                    #expect(same, "\(panels.name): \(count) rows, adds: \(adds)")
                }
            }
        }
        // A sum that is taken up again goes on as if it had never stopped.
        let half = groups / 2
        guard half > 0 else { return }
        for panels in others + [portable] {
            let all = multiply(panels, rows: 7, at: 0, adds: false)
            var sums = [Sum](repeating: filler, count: 7 * sumStride)
            multiply(panels, from: 0, rows: 7, panel: panel, groups: half, into: &sums, adds: false)
            multiply(
                panels, from: half * group, rows: 7, panel: Array(panel[(half * width * group)...]),
                groups: groups - half, into: &sums, adds: true)
            #expect(sums == all, "\(panels.name) in two parts")
        }
    }

    private func verifyPacking<Number: BitwiseCopyable & Numeric>(
        _ number: ProductNumber, group: Int, filler: Number, value: (Int) -> Number
    ) {
        for depth in [1, 2, 3, 4, 5, 63, 64, 65, 255, 257] {
            for (width, count) in [(16, 1), (16, 16), (32, 5), (64, 63)] {
                let stride = depth + 2
                let rows = (0..<count * stride).map(value)
                let groups = (depth + group - 1) / group + 2
                let panel = Panels.pack(
                    number, rows, stride: stride, count: count, depth: depth, width: width, groups: groups,
                    filledWith: filler)
                var expected = [Number](repeating: 0, count: panel.count)
                for column in 0..<count {
                    for at in 0..<depth {
                        let place = Panels.place(number, width: width, column: column, depth: at)
                        #expect(expected[place] == 0)
                        expected[place] = rows[column * stride + at]
                    }
                }
                #expect(panel == expected, "\(count) of \(width) columns of \(depth)")
            }
        }
    }
}
