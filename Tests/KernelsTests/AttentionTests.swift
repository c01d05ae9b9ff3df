import Core
import Foundation
import Kernels
import TestSupport
import Testing

@Suite struct AttentionTests {
    private static let shapes =
        [(1, 1, 16), (2, 3, 18), (1, 4, 64), (2, 1, 80), (1, 3, 128)]
        .map { AttentionShape(keyHeadCount: $0, groupSize: $1, headSize: $2) }
        + [AttentionShape(keyHeadCount: 2, groupSize: 2, headSize: 64, roundsQueries: true)]
    private static let numbers = [ProductNumber.f32, .bf16]

    private func verify(_ sequences: [AttendedSequence]) {
        let (out, mass) = attend(sequences)
        var (next, nextMass) = (0, 0)
        for sequence in sequences {
            var (worst, worstMass) = (0.0, 0.0)
            var expectedMass: [Double] = []
            for row in 0..<sequence.rows {
                let exact = sequence.exact(row: row)
                for value in exact.out {
                    // Not `max`, which forgets what is no number.
                    let error = abs(Double(out[next]) - value)
                    if !(error <= worst) { worst = error }
                    next += 1
                }
                expectedMass = exact.mass
            }
            for value in expectedMass {
                let error = abs(Double(mass[nextMass]) - value)
                if !(error <= worstMass) { worstMass = error }
                nextMass += 1
            }
            // Two bf16 numbers stand for a query's number or a weight: off by 2⁻¹⁷ of it; or one, off by 2⁻⁹.
            let coarse = sequence.shape.roundsQueries ? 20.0 : 1
            let what: Comment =
                "\(sequence.rows) rows from \(sequence.first), \(sequence.spanCounts), \(sequence.shape)"
            #expect(worst < (sequence.number == .f32 ? 1e-5 : coarse * 1e-3), what)
            #expect(worstMass < (sequence.number == .f32 ? 1e-5 : coarse * 2e-4), what)
        }
        #expect(next == out.count && nextMass == mass.count)
    }

    @Test("rows are measured each by itself, as many of a sequence as wanted", arguments: numbers, [1, 2, 7])
    func measuredRows(number: ProductNumber, threads: Int) {
        for (index, shape) in Self.shapes.enumerated() {
            let sequences = [([[20, 13], [32]], 5), ([[9]], 0), ([], 3), ([[1], [30, 34]], 70)].map {
                AttendedSequence(shape, number, spanCounts: $0, first: $1, rows: 9, seed: UInt64(index))
            }
            // All rows, none, some and the last.
            let counts = [9, 0, 4, 1]
            let (out, mass) = attend(
                sequences,
                measuredRows: { sequence in counts[sequences.firstIndex { $0.first == sequence.first } ?? 0] },
                threads: threads)
            #expect(out == attend(sequences).out)
            var next = 0
            for (sequence, count) in zip(sequences, counts) {
                for row in 9 - count..<9 {
                    let expected = sequence.exact(row: row).mass
                    for (value, wanted) in zip(mass[next...], expected) {
                        let allowed = number == .f32 ? 1e-5 : (shape.roundsQueries ? 20 : 1) * 2e-4
                        #expect(abs(Double(value) - wanted) < allowed, "row \(row) of \(sequence.spanCounts)")
                    }
                    next += expected.count
                }
            }
            #expect(next == mass.count)
        }
    }

    @Test(
        "one softmax over all parts and own tokens, as written down in double precision",
        arguments: numbers, [1, 3, 18, 40])
    func agreesWithDouble(number: ProductNumber, rows: Int) {
        for (index, shape) in Self.shapes.enumerated() {
            for (spanCounts, first) in [
                ([], 0), ([], 6), ([[9]], 0), ([[20, 13], [32]], 5), ([[1], [30, 34], [31]], 40),
            ] {
                verify([
                    AttendedSequence(
                        shape, number, spanCounts: spanCounts, first: first, rows: rows, seed: UInt64(index))
                ])
            }
        }
    }

    @Test("a window leaves out own tokens further back, and nothing of the context", arguments: numbers)
    func window(number: ProductNumber) {
        for (index, window) in [1, 5, 31, 32, 33, 64, 200].enumerated() {
            for (spanCounts, first, rows) in [([], 0, 40), ([[9]], 70, 1), ([[1], [30, 34]], 40, 18)] {
                var sequence = AttendedSequence(
                    Self.shapes[index % Self.shapes.count], number, spanCounts: spanCounts, first: first, rows: rows,
                    seed: UInt64(index))
                sequence.window = window
                verify([sequence])
                // The last row alone has the same bits, and a window of everything is none.
                let width = sequence.shape.queryWidth
                #expect(attend([sequence], skippingAllButLast: true).out == attend([sequence]).out.suffix(width))
                guard window == 200 else { continue }
                let whole = attend([sequence])
                sequence.window = nil
                #expect(attend([sequence]) == whole)
            }
        }
    }

    @Test("several sequences at once, each with its own past and context", arguments: numbers)
    func severalSequences(number: ProductNumber) {
        for shape in Self.shapes {
            verify(
                [(1, 100, [[5]]), (7, 0, []), (1, 0, [[3, 4], [33]]), (33, 31, [[64]]), (1, 32, [])].map {
                    AttendedSequence(
                        shape, number, spanCounts: $2, first: $1, rows: $0, seed: UInt64($0 + $1))
                })
        }
    }

    @Test("a sequence has the same bits alone, beside others, on any number of threads", arguments: numbers)
    func alone(number: ProductNumber) {
        for shape in Self.shapes {
            let sequences = [(1, 100, [[5]]), (50, 0, [[20], [20]]), (3, 30, [])].map {
                AttendedSequence(shape, number, spanCounts: $2, first: $1, rows: $0, seed: UInt64($0))
            }
            let together = attend(sequences)
            for threads in [1, 3] {
                let other = attend(sequences, threads: threads)
                #expect(other.out == together.out && other.mass == together.mass)
            }
            let apart = sequences.map { attend([$0]) }
            #expect(apart.flatMap(\.out) == together.out && apart.flatMap(\.mass) == together.mass)
            // Rows that nobody asks for change nothing.
            let last = attend(sequences, skippingAllButLast: true)
            #expect(last.out == apart.flatMap { $0.out.suffix(shape.queryWidth) } && last.mass == together.mass)
        }
    }

    /// Feeds `counts` tokens at a time; beside them, where wanted, another sequence that gets the last token again and
    /// again.
    private func fed(
        _ shape: AttentionShape, _ number: ProductNumber, _ rows: [Float], _ counts: [Int],
        _ context: AttentionContext?,
        beside: Bool
    ) -> (out: [Float], mass: [Float]) {
        let pool = WorkerPool(threadCount: 2)
        let stride = shape.queryWidth + 2 * shape.keyWidth
        let layer = AttendedSequence.layer
        let layout = KeyValueLayout(
            layers: layer..<layer + 1, keyHeadCount: shape.keyHeadCount, headSize: shape.headSize, number: number)
        let frequencies = (0..<shape.headSize / 2).map { pow(100, -Double($0) / Double(shape.headSize / 2)) }
        let rotation = Rotation(frequencies: frequencies, positions: 3..<3 + rows.count / stride)
        let caches = [KeyValueTokens(layout), KeyValueTokens(layout)]
        var (all, mass) = ([Float](), [Float]())
        for count in counts {
            let start = caches[1].count * stride
            var part = Array(rows[start..<start + count * stride])
            if beside { part = rows.suffix(stride) + part }
            let first = beside ? 1 : 0
            if beside { caches[0].reserve(caches[0].count + 1) }
            caches[1].reserve(caches[1].count + count)
            var sequences = [
                AttentionRows(
                    rows: first..<first + count, context: context, own: caches[1],
                    rotation: rotation.dropping(caches[1].count))
            ]
            if beside {
                sequences.insert(
                    AttentionRows(
                        rows: 0..<1, context: nil, own: caches[0], rotation: rotation.dropping(caches[0].count)), at: 0)
            }
            rotateAndKeep(
                shape, layer: layer, sequences: sequences, rows: &part, stride: stride, queryColumn: 0,
                keyColumn: shape.queryWidth, valueColumn: shape.queryWidth + shape.keyWidth, pool: pool)
            var out = [Float](repeating: .nan, count: (first + count) * shape.queryWidth)
            mass = [Float](
                repeating: .nan, count: shape.keyHeadCount * shape.groupSize * (context?.spans.count ?? 0))
            attend(
                shape, layer: layer, sequences: sequences, queries: part, queryStride: stride, into: &out, mass: &mass,
                pool: pool)
            all += out[(first * shape.queryWidth)...]
            if beside { caches[0].advance(by: 1) }
            caches[1].advance(by: count)
        }
        return (all, mass)
    }

    @Test("tokens give the same bits one by one, in parts or together, beside others or alone", arguments: numbers)
    func parts(number: ProductNumber) {
        for shape in Self.shapes {
            let count = 70
            let sequence = AttendedSequence(shape, number, spanCounts: [[9, 4], [33]], first: 0, rows: count, seed: 8)
            var rows: [Float] = []
            for row in 0..<count {
                rows += sequence.queries[row * shape.queryWidth..<(row + 1) * shape.queryWidth]
                rows += sequence.keys[row * shape.keyWidth..<(row + 1) * shape.keyWidth]
                rows += sequence.values[row * shape.keyWidth..<(row + 1) * shape.keyWidth]
            }
            for context in [nil, sequence.context()] {
                let together = fed(shape, number, rows, [count], context, beside: false)
                #expect(together.out.count == count * shape.queryWidth)
                let cuts = [
                    [Int](repeating: 1, count: count), [Int](repeating: 7, count: 10), [32, 38], [1, 31, 32, 5, 1],
                ]
                for counts in cuts {
                    for beside in [false, true] {
                        let other = fed(shape, number, rows, counts, context, beside: beside)
                        #expect(other.out == together.out && other.mass == together.mass, "\(counts), \(shape)")
                    }
                }
            }
        }
    }

    @Test("queries and keys are rotated by their positions, values are not")
    func rotation() {
        let shape = AttentionShape(keyHeadCount: 2, groupSize: 2, headSize: 6)
        let stride = shape.queryWidth + 2 * shape.keyWidth + 3
        var random = SeededGenerator(seed: 9)
        let before = (0..<4 * stride).map { _ in Float.random(in: -2...2, using: &random) }
        let frequencies = [1.0, 0.1, 0.01]
        for hasQueries in [true, false] {
            let own = KeyValueTokens(KeyValueLayout(layers: 0..<1, keyHeadCount: 2, headSize: 6, number: .f32))
            own.reserve(3)
            // Rows 1…3 of the batch; the first of their rotation belongs to a token before.
            let sequence = AttentionRows(
                rows: 1..<4, context: nil, own: own,
                rotation: Rotation(frequencies: frequencies, positions: 100..<104).dropping(1))
            var rows = before
            rotateAndKeep(
                shape, layer: 0, sequences: [sequence], rows: &rows, stride: stride, queryColumn: hasQueries ? 0 : nil,
                keyColumn: shape.queryWidth, valueColumn: shape.queryWidth + shape.keyWidth,
                pool: WorkerPool(threadCount: 1))
            var expected = before.map(Double.init)
            for row in 1..<4 {
                for head in (hasQueries ? 0 : 4)..<6 {
                    for pair in 0..<3 {
                        let low = row * stride + head * 6 + pair
                        let angle = Double(100 + row) * frequencies[pair]
                        let (x, y) = (Double(before[low]), Double(before[low + 3]))
                        expected[low] = x * cos(angle) - y * sin(angle)
                        expected[low + 3] = y * cos(angle) + x * sin(angle)
                    }
                }
            }
            for (found, expected) in zip(rows, expected) { #expect(abs(Double(found) - expected) < 1e-6) }
            own.advance(by: 3)
            let kept = own.recall(layer: 0)
            for row in 1..<4 {
                let key = row * stride + shape.queryWidth
                #expect(Array(kept.keys[(row - 1) * 12..<row * 12]) == Array(rows[key..<key + 12]))
                #expect(Array(kept.values[(row - 1) * 12..<row * 12]) == Array(rows[key + 12..<key + 24]))
            }
        }
    }

    @Test("scores far from zero neither overflow nor vanish", arguments: numbers)
    func extremes(number: ProductNumber) {
        let shape = AttentionShape(keyHeadCount: 1, groupSize: 1, headSize: 16)
        var sequence = AttendedSequence(shape, number, spanCounts: [[2], [1]], first: 0, rows: 1, seed: 10)
        sequence.queries = [Float](repeating: 1000, count: 16)
        for (winner, keys) in [(0, [1000, -1000, -1000]), (1, [-1000, 1000, 0]), (2, [-1e30, -1e30, 1e30])]
            as [(Int, [Float])]
        {
            sequence.contextKeys = [keys[..<2], keys[2...]].map { $0.flatMap { [Float](repeating: $0, count: 16) } }
            let (out, mass) = attend([sequence])
            let values = Array(sequence.contextValues.joined()[...].dropFirst(winner * 16).prefix(16))
            for (found, value) in zip(out, values) { #expect(abs(found - value) <= abs(value) / 250) }
            #expect(abs(mass[winner / 2] - 1) < 1e-6 && mass[1 - winner / 2] < 1e-30)
        }
        // All alike: the mean.
        sequence.contextKeys = [[Float](repeating: 1e30, count: 32), [Float](repeating: 1e30, count: 16)]
        let (_, mass) = attend([sequence])
        #expect(abs(mass[0] - 2.0 / 3) < 1e-6 && abs(mass[1] - 1.0 / 3) < 1e-6)
    }
}
