import Core
import Foundation
import Kernels
import TestSupport

/// Seeded queries, keys and values of one sequence and of what it sees besides itself, and their attention in double
/// precision.
struct AttendedSequence {
    let shape: AttentionShape
    let number: ProductNumber
    /// Tokens of the passages in each part of the context.
    let spanCounts: [[Int]]
    /// Tokens before the rows, which have no queries.
    let first: Int
    let rows: Int
    /// `[rows × queryWidth]`.
    var queries: [Float]
    /// Of each part, `[tokens × keyWidth]`.
    var contextKeys: [[Float]]
    let contextValues: [[Float]]
    /// `[(first + rows) × keyWidth]`.
    let keys: [Float]
    let values: [Float]
    /// Own tokens that a row sees, itself included; nil for all.
    var window: Int?

    /// The layer under test; its neighbours hold other numbers.
    static let layer = 4

    init(
        _ shape: AttentionShape, _ number: ProductNumber, spanCounts: [[Int]], first: Int, rows: Int, seed: UInt64
    ) {
        var random = SeededGenerator(seed: seed)
        func numbers(_ count: Int) -> [Float] { (0..<count).map { _ in Float.random(in: -2...2, using: &random) } }
        self.shape = shape
        self.number = number
        self.spanCounts = spanCounts
        self.first = first
        self.rows = rows
        queries = numbers(rows * shape.queryWidth)
        let counts = spanCounts.map { $0.reduce(0, +) * shape.keyWidth }
        contextKeys = counts.map(numbers)
        contextValues = counts.map(numbers)
        keys = numbers((first + rows) * shape.keyWidth)
        values = numbers((first + rows) * shape.keyWidth)
    }

    func context() -> AttentionContext? {
        guard !spanCounts.isEmpty else { return nil }
        let parts = zip(contextKeys, contextValues).map { keys, values in
            let tokens = stored(keys: keys, values: values, layers: 2..<5)
            tokens.advance(by: keys.count / shape.keyWidth)
            return tokens
        }
        return AttentionContext(parts, spanCounts: spanCounts)
    }

    /// The sequence's own tokens, those of the rows still new.
    func own() -> KeyValueTokens {
        let tokens = stored(keys: keys, values: values, layers: 0..<6)
        tokens.advance(by: first)
        return tokens
    }

    private func stored(keys: [Float], values: [Float], layers: Range<Int>) -> KeyValueTokens {
        let tokens = KeyValueTokens(
            KeyValueLayout(
                layers: layers, keyHeadCount: shape.keyHeadCount, headSize: shape.headSize, number: number))
        tokens.reserve(keys.count / shape.keyWidth)
        for layer in [Self.layer - 1, Self.layer] {
            let isOther = layer != Self.layer
            tokens.keep(
                keys: .f32(isOther ? values : keys), values: .f32(isOther ? keys : values),
                tokens: keys.count / shape.keyWidth, layer: layer)
        }
        return tokens
    }

    /// What row `row` attends to, with keys and values as `number` keeps them.
    ///
    /// - Returns: `[queryWidth]`, and `[query heads × passages]`.
    func exact(row: Int) -> (out: [Double], mass: [Double]) {
        let (size, width) = (shape.headSize, shape.keyWidth)
        let visible = (first + row + 1) * width
        let from = max(0, visible - (window ?? first + rows) * width)
        let seenKeys = contextKeys.flatMap(\.self) + keys[from..<visible]
        let seenValues = contextValues.flatMap(\.self) + values[from..<visible]
        let scale = 1 / Float(size).squareRoot()
        var out: [Double] = []
        var mass: [Double] = []
        for head in 0..<shape.keyHeadCount * shape.groupSize {
            let key = head / shape.groupSize * size
            let query = queries[row * shape.queryWidth + head * size..<row * shape.queryWidth + (head + 1) * size]
                .map { Double($0 * scale) }
            let scores = stride(from: key, to: seenKeys.count, by: width).map { token in
                (0..<size).reduce(0.0) { $0 + query[$1] * rounded(seenKeys[token + $1]) }
            }
            let highest = scores.max() ?? 0
            let powers = scores.map { exp($0 - highest) }
            let sum = powers.reduce(0, +)
            for column in 0..<size {
                out.append(
                    powers.enumerated().reduce(0.0) {
                        $0 + $1.1 / sum * rounded(seenValues[$1.0 * width + key + column])
                    })
            }
            var token = 0
            for count in spanCounts.joined() {
                mass.append(powers[token..<token + count].reduce(0, +) / sum)
                token += count
            }
        }
        return (out, mass)
    }

    private func rounded(_ value: Float) -> Double { Double(number == .f32 ? value : BFloat16(value).float) }
}

/// Attention of whole sequences in one call, their rows after one another.
func attend(
    _ sequences: [AttendedSequence], skippingAllButLast: Bool = false,
    measuredRows: (AttendedSequence) -> Int = { _ in 1 },
    threads: Int = 2
) -> (out: [Float], mass: [Float]) {
    let shape = sequences[0].shape
    // Rows of queries have neighbours, as keys and values stand beside them in a model.
    let stride = shape.queryWidth + 5
    var queries: [Float] = []
    var parts: [AttentionRows] = []
    var rows = 0
    for sequence in sequences {
        let skipped = skippingAllButLast ? sequence.rows - 1 : 0
        for row in skipped..<sequence.rows {
            queries += sequence.queries[row * shape.queryWidth..<(row + 1) * shape.queryWidth]
            queries += [Float](repeating: .nan, count: 5)
        }
        let count = sequence.rows - skipped
        parts.append(
            AttentionRows(
                rows: rows..<rows + count, skipped: skipped, context: sequence.context(), own: sequence.own(),
                rotation: Rotation(frequencies: [], positions: 0..<count), measuredRows: measuredRows(sequence)))
        rows += count
    }
    var out = [Float](repeating: .nan, count: rows * shape.queryWidth)
    let masses =
        sequences.reduce(0) { $0 + measuredRows($1) * $1.spanCounts.joined().count } * shape.keyHeadCount
        * shape.groupSize
    var mass = [Float](repeating: .nan, count: masses)
    attend(
        shape, layer: AttendedSequence.layer, window: sequences[0].window, sequences: parts, queries: queries,
        queryStride: stride, into: &out,
        mass: &mass, pool: WorkerPool(threadCount: threads))
    return (out, mass)
}
