import Core
import Foundation
import Kernels
import TestSupport
import Testing

@testable import Model

/// Powers of two that inputs are divided by before weights and rows are rounded.
@Suite struct InputScalingTests {
    private let source: TemporaryDirectory
    private let result: TemporaryDirectory

    init() throws {
        source = try TemporaryDirectory()
        result = try TemporaryDirectory()
    }

    private func numbers(_ count: Int, seed: UInt64) -> [Float] {
        var random = SeededGenerator(seed: seed)
        return (0..<count).map { _ in Float.random(in: -2...2, using: &random) }
    }

    @Test("factors are powers of two, large where inputs are, and 1 where nothing is known")
    func factors() {
        let columns = 40
        var inputs = numbers(6 * columns, seed: 1)
        for row in 0..<6 {
            inputs[row * columns + 3] *= 4096
            inputs[row * columns + 7] = 0
            inputs[row * columns + 8] = row == 2 ? .infinity : 1
        }
        var weights = [numbers(5 * columns, seed: 2), numbers(9 * columns, seed: 3)]
        for row in 0..<5 { weights[0][row * columns + 9] = 0 }
        for row in 0..<9 { weights[1][row * columns + 9] = 0 }
        let factors = InputScaling.factors(inputs: inputs, weights: weights, columnCount: columns)
        #expect(factors.allSatisfy { $0.significand == 1 && (1 / 64...64).contains($0) })
        #expect(factors[3] == factors.max() && factors[3] >= 32)
        #expect(factors[7] == 1 && factors[8] == 1 && factors[9] == 1)
        // The same weights and inputs at any size.
        let smaller = InputScaling.factors(
            inputs: inputs.map { $0 / 1024 }, weights: weights.map { $0.map { $0 * 64 } }, columnCount: columns)
        #expect(smaller == factors)
        #expect(InputScaling.factors(inputs: [], weights: weights, columnCount: columns).allSatisfy { $0 == 1 })
    }

    @Test("products are the same to the last bit before anything is rounded")
    func exact() {
        let (columns, rows) = (24, 10)
        let (x, w, before) = (
            numbers(columns, seed: 4), numbers(rows * columns, seed: 5), numbers(7 * columns, seed: 6)
        )
        let factors = (0..<columns).map { exp2(Float($0 % 13 - 6)) }
        func matrix(_ name: String, _ rows: Int, _ columns: Int) -> Architecture.Tensor {
            Architecture.Tensor(name: name, shape: [rows, columns])
        }
        var scaling = InputScaling()
        scaling.add(
            factors, to: [matrix("a", rows, columns)], after: Architecture.Tensor(name: "norm", shape: [columns]))
        scaling.add(
            factors, to: matrix("down", rows, columns), after: matrix("up", columns, 7),
            bias: Architecture.Tensor(name: "bias", shape: [columns]))
        for name in ["a", "down"] {
            let (divided, scaled) = (scaling.divided(x, of: name), scaling.scaled(w, of: name, columnCount: columns))
            #expect(divided != x && scaled != w)
            for index in w.indices {
                #expect(scaled[index] * divided[index % columns] == w[index] * x[index % columns])
            }
            // Rows in two pieces.
            let pieces = [0..<4, 4..<rows].map { part in
                scaling.scaled(
                    Array(w[part.lowerBound * columns..<part.upperBound * columns]), of: name, columnCount: columns,
                    firstRow: part.lowerBound)
            }
            #expect(pieces[0] + pieces[1] == scaled)
        }
        for name in ["norm", "bias"] {
            #expect(scaling.scaled(x, of: name, columnCount: columns) == scaling.divided(x, of: "a"))
        }
        let rowsOfUp = scaling.scaled(before, of: "up", columnCount: 7)
        for index in before.indices { #expect(rowsOfUp[index] * factors[index / 7] == before[index]) }
        #expect(scaling.scaled(w, of: "other", columnCount: columns) == w && scaling.divided(x, of: "up") == x)
    }

    private func load(_ directory: TemporaryDirectory) throws -> LlamaModel {
        try LlamaModel(directory: directory.path, layers: .all, threadCount: 1)
    }

    private func error(_ model: LlamaModel, _ original: LlamaModel, _ texts: [[Int32]]) throws -> Double {
        let logits = try [model, original].map { model in
            try texts.flatMap { text in
                try model.continueFrom(
                    model.promptStates([(text, 1)])[0],
                    passages: model.readPassages([[0, 5, 5]], encoding: .independent)
                ).logits
            }
        }
        return zip(logits[0], logits[1]).reduce(0) { $0 + pow(Double($1.0 - $1.1), 2) }
    }

    @Test(
        "a few large inputs cost a scaled int8 model less, and its embeddings are the unscaled one's, bit for bit",
        arguments: ["F32", "F16", "BF16"])
    func largeInputs(dtype: String) throws {
        let tiny = TinyModel(layerCount: 5, topBoundary: 3, dtype: dtype)
        // Norms that make two inputs large, and weights that make up for it.
        try tiny.write(to: source) { name, values in
            guard let layer = name.split(separator: ".").compactMap({ Int($0) }).first, layer > 1 else { return }
            let isNorm = name.contains("layernorm")
            guard
                isNorm || name.contains("gate") || name.contains("up")
                    || ["q_", "k_", "v_"].contains(where: name.contains)
            else { return }
            for first in stride(from: 0, to: values.count, by: tiny.hiddenSize) {
                for column in [2, 19] { values[first + column] *= isNorm ? 32 : 1 / 32 }
            }
        }
        var random = SeededGenerator(seed: 9)
        let texts = (0..<12).map { _ in [Int32(0)] + (0..<20).map { _ in Int32.random(in: 2..<61, using: &random) } }
        let original = try load(source)
        let quantizer = try ModelQuantizer(directory: source.path)
        var models: [LlamaModel] = []
        for isScaled in [false, true] {
            let rounded =
                try isScaled
                ? quantizer.rounded(with: original, readings: texts.map { Reading(text: $0) }) { _ in }
                : RoundedWeights()
            var written = 0
            try quantizer.write(to: result.path, rounded: rounded) { written = $0 }
            #expect(written == quantizer.resultBytes.bytes)
            models.append(try load(result))
            try FileManager.default.removeItem(atPath: result.file("model.safetensors"))
        }
        let (plain, scaled) = (try error(models[0], original, texts), try error(models[1], original, texts))
        #expect(scaled < plain / 4, "\(scaled) beside \(plain)")
        #expect(try models[0].embedQueries(texts) == models[1].embedQueries(texts))
    }
}
