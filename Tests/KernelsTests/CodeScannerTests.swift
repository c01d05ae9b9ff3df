import Core
import TestSupport
import Testing

@testable import Kernels

@Suite struct CodeScannerTests {
    /// Random codes of `count` vectors, and what the definition says of them.
    private struct Sample {
        let segments: Int
        let codes: [UInt8]
        let scales: [BFloat16]
        let rows: [UInt32]
        /// `[segments × 128]`: whole multiples of one step, so that rounding to 8 bits loses nothing.
        let weights: [Float]
        let chunk: CodeChunk

        init(count: Int, segments: Int, seed: UInt64) {
            var random = SeededGenerator(seed: seed)
            self.segments = segments
            codes = (0..<count * segments * 64).map { _ in UInt8.random(in: 0...255, using: &random) }
            // Nothing forbids a scale of 0 or below.
            scales = (0..<count).map { BFloat16($0 % 7 == 3 ? 0 : Float.random(in: -0.2...2, using: &random)) }
            rows = (0..<count).map { UInt32($0 * 3 + 1) }
            weights = (0..<segments * 128).map { place in
                let whole = place % 128 == 5 ? 127 : Int.random(in: -127...127, using: &random)
                return Float(whole) * (place < 128 ? 0.0625 : 0.03125)
            }
            chunk = CodeChunk(codes: codes, scales: scales, rows: rows, segments: segments)
        }

        func scanner(_ kernels: String?) throws -> CodeScanner {
            let scanner = try #require(CodeScanner(segments: segments, kernels: kernels))
            for segment in 0..<segments {
                scanner.load(Array(weights[(segment * 128)..<(segment * 128 + 128)]).span, segment: segment)
            }
            return scanner
        }

        /// The definition: estimates of a vector after the first segment and after all.
        func estimates(_ vector: Int, base: Float) -> (first: Double, whole: Double) {
            var sums = [Double](repeating: 0, count: segments)
            for segment in 0..<segments {
                for byte in 0..<64 {
                    let code = codes[(vector * segments + segment) * 64 + byte]
                    let place = segment * 128 + 2 * byte
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
    }

    private static func scan(
        _ scanner: CodeScanner, _ chunk: CodeChunk, least: Float, slack: Float, rows: RowSet?
    ) -> Found {
        let count = scanner.scan(chunk, base: 0.75, least: least, slack: slack, rows: rows, ahead: chunk)
        return Found(
            places: Array(scanner.places[..<count]), bits: scanner.estimates[..<count].map(\.bitPattern))
    }

    @Test(
        "every level of instructions finds the same places with the same bits as the portable one",
        arguments: [0, 1, 15, 16, 17, 31, 33, 100, 4096], 1...3)
    func levelsAgree(count: Int, segments: Int) throws {
        let sample = Sample(count: count, segments: segments, seed: UInt64(count * 4 + segments))
        var random = SeededGenerator(seed: 5)
        var some = RowSet()
        for row in sample.rows where Int.random(in: 0..<4, using: &random) == 0 { some.insert(Int(row)) }
        var last = RowSet()
        if let row = sample.rows.last { last.insert(Int(row)) }
        let portable = try sample.scanner("portable")
        let others = try CodeScanner.available.dropFirst().map { (name: $0, scanner: try sample.scanner($0)) }
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

    @Test("estimates are those of the definition, and found is what it says", arguments: [1, 17, 100], 1...3)
    func agreesWithDefinition(count: Int, segments: Int) throws {
        let sample = Sample(count: count, segments: segments, seed: UInt64(100 + count * 4 + segments))
        for name in CodeScanner.available {
            let scanner = try sample.scanner(name)
            for least: Float in [-.infinity, 0, 50] {
                for slack: Float in [0, 40] {
                    let count = scanner.scan(sample.chunk, base: 0.75, least: least, slack: slack)
                    var estimates: [Int: Float] = [:]
                    for index in 0..<count { estimates[Int(scanner.places[index])] = scanner.estimates[index] }
                    #expect(estimates.count == count)
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
        let sample = Sample(count: 64, segments: 1, seed: 77)
        var random = SeededGenerator(seed: 78)
        for size: Float in [1e-30, 1e-3, 1, 1e20] {
            let weights = (0..<128).map { _ in Float.random(in: -size...size, using: &random) }
            let scanner = try #require(CodeScanner(segments: 1))
            scanner.load(weights.span, segment: 0)
            let count = scanner.scan(sample.chunk, base: 0, least: -.infinity, slack: 0)
            #expect(count == 64)
            let step = Double(weights.map(abs).max() ?? 0) / 127
            for index in 0..<count {
                let place = Int(scanner.places[index])
                var (sum, bound) = (0.0, 0.0)
                for byte in 0..<64 {
                    let code = sample.codes[place * 64 + byte]
                    for (weight, nibble) in [(weights[2 * byte], code & 15), (weights[2 * byte + 1], code >> 4)] {
                        sum += Double(weight) * (Double(nibble) - 7.5)
                        bound += step / 2 * abs(Double(nibble) - 7.5)
                    }
                }
                let scale = Double(sample.scales[place].float)
                #expect(abs(Double(scanner.estimates[index]) - scale * sum) <= abs(scale) * bound * 1.001)
            }
        }
    }

    @Test(
        "weights that are too small, too large or no numbers at all do not trap",
        arguments: [Float.leastNonzeroMagnitude, 1e-38, .greatestFiniteMagnitude, .infinity, -.infinity, .nan])
    func extremeWeights(weight: Float) throws {
        let sample = Sample(count: 20, segments: 1, seed: 79)
        for name in CodeScanner.available {
            let scanner = try #require(CodeScanner(segments: 1, kernels: name))
            var weights = [Float](repeating: 0, count: 128)
            weights[3] = weight
            scanner.load(weights.span, segment: 0)
            let count = scanner.scan(sample.chunk, base: 1, least: -.infinity, slack: 0)
            // What is as good as nothing is counted as nothing.
            if abs(weight) < 1e-30 {
                #expect(Array(scanner.estimates[..<count]) == [Float](repeating: 1, count: 20))
            }
        }
        let zero = try #require(CodeScanner(segments: 1))
        #expect(zero.scan(sample.chunk, base: 2, least: 2, slack: 0) == 20)
    }

    @Test("a level of instructions that does not exist is none")
    func unknownLevel() {
        #expect(CodeScanner(segments: 1, kernels: "abacus") == nil)
        #expect(CodeScanner.available.first == "portable")
    }
}
