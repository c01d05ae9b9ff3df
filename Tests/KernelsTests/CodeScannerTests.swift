import Core
import TestSupport
import Testing

@testable import Kernels

@Suite struct CodeScannerTests {
    private static let shapes = [.short] + (1...3).map { CodeShape(segments: $0) }
    private static let one = CodeShape(segments: 1)

    /// Random codes of `count` vectors, and what the definition says of them.
    private struct Sample {
        let shape: CodeShape
        let codes: [UInt8]
        let scales: [BFloat16]
        let rows: [UInt32]
        /// `[segments × nibbles]`: whole multiples of one step, so that rounding to 8 bits loses nothing.
        let weights: [Float]
        let chunk: CodeChunk

        init(count: Int, shape: CodeShape, seed: UInt64) {
            var random = SeededGenerator(seed: seed)
            self.shape = shape
            codes = (0..<count * shape.byteCount).map { _ in UInt8.random(in: 0...255, using: &random) }
            // Nothing forbids a scale of 0 or below.
            scales = (0..<count).map { BFloat16($0 % 7 == 3 ? 0 : Float.random(in: -0.2...2, using: &random)) }
            rows = (0..<count).map { UInt32($0 * 3 + 1) }
            let nibbles = shape.nibblesPerSegment
            weights = (0..<shape.segments * nibbles).map { place in
                let whole = place % nibbles == 5 ? 127 : Int.random(in: -127...127, using: &random)
                return Float(whole) * (place < nibbles ? 0.0625 : 0.03125)
            }
            chunk = CodeChunk(codes: codes, scales: scales, rows: rows, shape: shape)
        }

        func scanner(_ kernels: String?) throws -> CodeScanner {
            let scanner = try #require(CodeScanner(shape: shape, kernels: kernels))
            let nibbles = shape.nibblesPerSegment
            for segment in 0..<shape.segments {
                scanner.load(Array(weights[(segment * nibbles)..<((segment + 1) * nibbles)]).span, segment: segment)
            }
            return scanner
        }

        /// The definition: estimates of a vector after the first segment and after all.
        func estimates(_ vector: Int, base: Float) -> (first: Double, whole: Double) {
            var sums = [Double](repeating: 0, count: shape.segments)
            let bytes = shape.segmentBytes
            for segment in sums.indices {
                for byte in 0..<bytes {
                    let code = codes[(vector * sums.count + segment) * bytes + byte]
                    let place = 2 * (segment * bytes + byte)
                    sums[segment] += Double(weights[place]) * (Double(code & 15) - 7.5)
                    sums[segment] += Double(weights[place + 1]) * (Double(code >> 4) - 7.5)
                }
            }
            let scale = Double(scales[vector].float)
            return (Double(base) + scale * sums[0], Double(base) + scale * sums.reduce(0, +))
        }
    }

    private struct Found: Equatable {
        let places: [UInt32]
        let bits: [UInt32]
        let firstBits: [UInt32]
    }

    /// One bit a vector of `chunk`: whether its row is in `rows`.
    private static func allowed(_ chunk: CodeChunk, _ rows: RowSet) -> [UInt16] {
        var bits = [UInt16](repeating: 0, count: chunk.count / 16 + 1)
        for place in 0..<chunk.count where rows.contains(chunk.row(place)) { bits[place / 16] |= 1 << (place % 16) }
        return bits
    }

    private static func scan(
        _ scanner: CodeScanner, _ chunk: CodeChunk, least: Float, slack: Float, rows: RowSet?
    ) -> Found {
        let found = scanner.scan(
            chunk, base: 0.75, least: least, firstLeast: least - slack, allowed: rows.map { allowed(chunk, $0) })
        return Found(
            places: found.places, bits: found.estimates.map(\.bitPattern), firstBits: found.firsts.map(\.bitPattern))
    }

    @Test(
        "every level of instructions finds the same places with the same bits as the portable one",
        arguments: [0, 1, 15, 16, 17, 31, 33, 100, 4096], shapes)
    func levelsAgree(count: Int, shape: CodeShape) throws {
        let sample = Sample(count: count, shape: shape, seed: UInt64(count * 4 + shape.stored))
        var random = SeededGenerator(seed: 5)
        var some = RowSet()
        for row in sample.rows where Int.random(in: 0..<4, using: &random) == 0 { some.insert(Int(row)) }
        var last = RowSet()
        if let row = sample.rows.last { last.insert(Int(row)) }
        let portable = try sample.scanner("portable")
        let others = try KernelLevel.available.dropFirst().map { (name: $0, scanner: try sample.scanner($0)) }
        var found = 0
        for rows in [nil, some, last, RowSet()] {
            for least: Float in [-.infinity, -100, 0.75, 150, .infinity] {
                for slack: Float in [0, 60, 1e6] {
                    let expected = Self.scan(portable, sample.chunk, least: least, slack: slack, rows: rows)
                    found += expected.places.count
                    for other in others {
                        let actual = Self.scan(other.scanner, sample.chunk, least: least, slack: slack, rows: rows)
                        #expect(
                            actual == expected,
                            "\(other.name), at least \(least), slack \(slack), \(rows?.count ?? -1) rows")
                    }
                }
            }
        }
        #expect((found > 0) == (count > 0))
    }

    @Test("estimates are those of the definition, and found is what it says", arguments: [1, 17, 100], shapes)
    func agreesWithDefinition(count: Int, shape: CodeShape) throws {
        let sample = Sample(count: count, shape: shape, seed: UInt64(100 + count * 4 + shape.stored))
        for name in KernelLevel.available {
            let scanner = try sample.scanner(name)
            for least: Float in [-.infinity, 0, 50] {
                for slack: Float in [0, 40] {
                    let found = scanner.scan(sample.chunk, base: 0.75, least: least, firstLeast: least - slack)
                    var estimates: [Int: Float] = [:]
                    for (place, estimate) in zip(found.places, found.estimates) { estimates[Int(place)] = estimate }
                    #expect(estimates.count == found.places.count)
                    for vector in sample.rows.indices {
                        let (first, whole) = sample.estimates(vector, base: 0.75)
                        let tolerance = 1e-3
                        if let estimate = estimates[vector] {
                            #expect(abs(Double(estimate) - whole) < tolerance)
                            #expect(whole >= Double(least) - tolerance && first >= Double(least - slack) - tolerance)
                        } else {
                            #expect(whole < Double(least) + tolerance || first < Double(least - slack) + tolerance)
                        }
                    }
                }
            }
        }
    }

    @Test("weights of any size are rounded to 8 bits: an estimate is off by half a step a nibble at most")
    func rounding() throws {
        let sample = Sample(count: 64, shape: Self.one, seed: 77)
        var random = SeededGenerator(seed: 78)
        for size: Float in [1e-30, 1e-3, 1, 1e20] {
            let weights = (0..<128).map { _ in Float.random(in: -size...size, using: &random) }
            let scanner = try #require(CodeScanner(shape: Self.one))
            scanner.load(weights.span, segment: 0)
            let found = scanner.scan(sample.chunk, base: 0, least: -.infinity, firstLeast: -.infinity)
            #expect(found.places.count == 64)
            let step = Double(weights.map(abs).max() ?? 0) / 127
            for index in found.places.indices {
                let place = Int(found.places[index])
                var (sum, bound) = (0.0, 0.0)
                for byte in 0..<64 {
                    let code = sample.codes[place * 64 + byte]
                    for (weight, nibble) in [(weights[2 * byte], code & 15), (weights[2 * byte + 1], code >> 4)] {
                        sum += Double(weight) * (Double(nibble) - 7.5)
                        bound += step / 2 * abs(Double(nibble) - 7.5)
                    }
                }
                let scale = Double(sample.scales[place].float)
                #expect(abs(Double(found.estimates[index]) - scale * sum) <= abs(scale) * bound * 1.001)
            }
        }
    }

    @Test(
        "weights that are too small, too large or no numbers at all do not trap",
        arguments: [Float.leastNonzeroMagnitude, 1e-38, .greatestFiniteMagnitude, .infinity, -.infinity, .nan])
    func extremeWeights(weight: Float) throws {
        let sample = Sample(count: 20, shape: Self.one, seed: 79)
        for name in KernelLevel.available {
            let scanner = try #require(CodeScanner(shape: Self.one, kernels: name))
            var weights = [Float](repeating: 0, count: 128)
            weights[3] = weight
            scanner.load(weights.span, segment: 0)
            let found = scanner.scan(sample.chunk, base: 1, least: -.infinity, firstLeast: -.infinity)
            // What is as good as nothing is counted as nothing.
            if abs(weight) < 1e-30 {
                #expect(found.estimates == [Float](repeating: 1, count: 20))
            }
        }
        let zero = try #require(CodeScanner(shape: Self.one))
        #expect(zero.scan(sample.chunk, base: 2, least: 2, firstLeast: 2).places.count == 20)
    }

    @Test(
        "a way through lists keeps what may be among the best k, at every level the same",
        arguments: [(k: 1, areFew: false), (k: 10, areFew: false), (k: 10, areFew: true), (k: 2000, areFew: false)],
        [.short, CodeShape(segments: 2)])
    func lists(search: (k: Int, areFew: Bool), shape: CodeShape) throws {
        let (k, areFew) = search
        let sizes = [40, 0, 17, 300, 1, 64]
        let samples = sizes.enumerated().map { Sample(count: $1, shape: shape, seed: UInt64(200 + $0)) }
        // Rows of all lists are different.
        var (chunks, live): ([[CodeChunk]], RowSet) = ([], RowSet())
        for (list, sample) in samples.enumerated() {
            let rows = sample.rows.map { $0 * 8 + UInt32(list) }
            chunks.append(
                rows.isEmpty
                    ? [] : [CodeChunk(codes: sample.codes, scales: sample.scales, rows: rows, shape: shape)])
            for row in rows where row % (areFew ? 9 : 3) != 0 { live.insert(Int(row)) }
        }
        let order: [UInt32] = [3, 1, 0, 5, 2, 4]
        let bases: [Float] = [5, 0, -3, 2, 1, 0]
        let limits = CodeScanner.Limits(k: k, band: 20, firstBand: 45)
        var results: [[UInt32]: Int] = [:]
        for name in KernelLevel.available {
            let scanner = try samples[0].scanner(name)
            scanner.begin(limits)
            scanner.scan(order[...2], bases: bases[...2], in: CodeTable(chunks), live: live, areFew: areFew)
            scanner.scan(order[3...], bases: bases[3...], in: CodeTable(chunks), live: live, areFew: areFew)
            scanner.finish()
            let rows = Array(scanner.rows[..<scanner.found])
            #expect(rows.allSatisfy { live.contains(Int($0)) } && Set(rows).count == rows.count)
            #expect(scanner.scanned == sizes.reduce(0, +) && scanner.known == min(k, live.count))
            results[rows, default: 0] += 1
            // The best of all live rows are there, with the estimates of the definition for sample 0's weights.
            let best = scanner.estimates[..<scanner.found].sorted(by: >)
            let least = best.count >= k ? best[k - 1] - 20 : -.infinity
            #expect(best.allSatisfy { $0 >= least })
            var wanted: [(row: UInt32, estimate: Float)] = []
            for (place, list) in order.enumerated() {
                for chunk in chunks[Int(list)] {
                    let all = scanner.scan(chunk, base: bases[place], least: -.infinity, firstLeast: -.infinity)
                    for (vector, estimate) in zip(all.places, all.estimates) where live.contains(chunk.row(Int(vector)))
                    {
                        wanted.append((UInt32(chunk.row(Int(vector))), estimate))
                    }
                }
            }
            wanted.sort { $0.estimate > $1.estimate }
            // A row whose first segment says that it is far off may be missing; no more than a few are.
            let missing = wanted.prefix(k).filter { !rows.contains($0.row) }
            #expect(missing.count <= wanted.prefix(k).count / 5)
            if let first = wanted.first {
                #expect(best.first == first.estimate || missing.contains { $0.row == first.row })
            }
        }
        #expect(results.count == 1)
    }

    @Test("the largest scores come first, and of equal ones the earliest")
    func largest() {
        #expect(placesOfLargest(3, of: [1, 5, -2, 5, 7]) == [4, 1, 3])
        #expect(placesOfLargest(9, of: [0, -0.5, 3]) == [2, 0, 1])
        #expect(placesOfLargest(2, of: []) == [])
        var random = SeededGenerator(seed: 9)
        for _ in 0..<300 {
            let scores = (0..<Int.random(in: 1...400, using: &random)).map { _ in
                Float(Int.random(in: -20...20, using: &random))
            }
            let wanted = Int.random(in: 0...scores.count, using: &random)
            let expected = scores.indices.sorted { (scores[$1], $0) < (scores[$0], $1) }.prefix(wanted)
            #expect(placesOfLargest(wanted, of: scores).map { Int($0) } == Array(expected))
            // Whole numbers and a half: exact.
            let added = scores.map { _ in Float(Int.random(in: -9...9, using: &random)) }
            var sums = scores
            addScaled(scores, added, times: 0.5, into: &sums)
            #expect(sums == zip(scores, added).map { $0 + 0.5 * $1 })
        }
    }

    @Test(
        "few of many scores are the largest, whatever way they are distributed",
        arguments: ["normal", "one far off", "two heaps", "equal", "mostly infinite", "ascending"])
    func fewOfMany(kind: String) {
        var random = SeededGenerator(seed: 10)
        var keys: [UInt64] = []
        for wanted in [1, 5, 40, 200] {
            let count = Int.random(in: 1000...3000, using: &random)
            let scores = (0..<count).map { place -> Float in
                let normal = (0..<12).reduce(Float(-6)) { sum, _ in sum + Float.random(in: 0..<1, using: &random) }
                return switch kind {
                case "one far off": place == 77 ? 1e30 : normal
                case "two heaps": place % 50 == 0 ? normal + 1000 : normal - 1000
                case "equal": 3
                case "mostly infinite": place % 3 == 0 ? normal : -.infinity
                case "ascending": Float(place)
                default: normal
                }
            }
            let expected = scores.indices.sorted { (scores[$1], $0) < (scores[$0], $1) }.prefix(wanted)
            #expect(placesOfLargest(wanted, of: scores, room: &keys).map { Int($0) } == Array(expected))
        }
    }

    @Test("a level of instructions that does not exist is none")
    func unknownLevel() {
        #expect(CodeScanner(shape: Self.one, kernels: "abacus") == nil)
        #expect(KernelLevel.available.first == "portable")
    }
}
