import Core
import Foundation

/// DESIGN, section 2, in double precision and as directly as it can be written: no caches, no tiles, no threads.
struct ReferenceModel {
    let model: TinyModel
    private let weights: [String: [Double]]

    /// One layer's keys (after RoPE) and values, `[tokens][h_k·d_h]`, and which passage each token belongs to.
    private struct Context {
        var keys: [[Double]] = []
        var values: [[Double]] = []
        var passages: [Int] = []
    }

    init(_ model: TinyModel) {
        self.model = model
        weights = model.weights().mapValues { $0.map(Double.init) }
    }

    /// The plain decoder: logits after every token, positions from 0, `[tokens][vocabulary]`.
    func plainLogits(_ tokens: [Int32]) -> [[Double]] {
        answer(tokens, k: 0, passages: [], encoding: .concatenated, promptCount: tokens.count).logits
    }

    /// Logits after every token of `tokens` (the prompt, then an answer) and the attention mass of each passage from
    /// the last of the `promptCount` prompt tokens.
    func answer(
        _ tokens: [Int32], k: Int, passages: [[Int32]], encoding: PassageEncoding, promptCount: Int
    ) -> (logits: [[Double]], mass: [Double]) {
        let contexts = read(passages, encoding)
        var hidden = tokens.map(embedding)
        let positions = tokens.indices.map { k * model.maxPassageTokens + $0 }
        var mass = [Double](repeating: 0, count: passages.count)
        for layer in 0..<model.layerCount {
            let reads = (model.bottomBoundary...model.topBoundary).contains(layer)
            let context = reads ? contexts[layer - model.bottomBoundary] : Context()
            hidden =
                run(layer, hidden, positions, context) { row, token, weight in
                    if row == promptCount - 1 { mass[context.passages[token]] += weight }
                }.hidden
        }
        let count = Double((model.topBoundary - model.bottomBoundary + 1) * model.queryHeadCount)
        let head = weight(model.tiesEmbeddings ? "model.embed_tokens" : "lm_head")
        return (hidden.map { multiply(head, normalize($0, weight("model.norm"))) }, mass.map { $0 / count })
    }

    /// E_p, or E_q when `isQuery`, with positions from 0.
    func embed(_ tokens: [Int32], isQuery: Bool) -> [Double] {
        var hidden = tokens.map(embedding)
        for layer in 0..<model.bottomBoundary {
            hidden = run(layer, hidden, Array(tokens.indices), Context()) { _, _, _ in }.hidden
        }
        let prefix = "model.layers.\(model.bottomBoundary)."
        let last = normalize(hidden[hidden.count - 1], weight("\(prefix)input_layernorm"))
        guard isQuery else { return multiply(weight("\(prefix)self_attn.k_proj"), last) }
        let queries = multiply(weight("\(prefix)self_attn.q_proj"), last)
        let group = model.queryHeadCount / model.keyHeadCount
        return (0..<model.keyHeadCount * model.headSize).map { column in
            let first = column / model.headSize * group
            return (first..<first + group).reduce(0.0) { $0 + queries[$1 * model.headSize + column % model.headSize] }
                / Double(group)
        }
    }

    /// What prompts see of the passages in layers b…t.
    private func read(_ passages: [[Int32]], _ encoding: PassageEncoding) -> [Context] {
        var contexts = [Context](repeating: Context(), count: model.topBoundary - model.bottomBoundary + 1)
        var position = 0
        let owners = passages.enumerated().flatMap { index, passage in passage.map { _ in index } }
        let sequences = encoding == .concatenated ? [Array(passages.joined())] : passages
        for sequence in sequences where !sequence.isEmpty {
            let first = encoding == .independent ? 0 : position
            var hidden = sequence.map(embedding)
            for layer in 0...model.topBoundary {
                let result = run(layer, hidden, sequence.indices.map { first + $0 }, Context()) { _, _, _ in }
                hidden = result.hidden
                guard layer >= model.bottomBoundary else { continue }
                contexts[layer - model.bottomBoundary].keys += result.keys
                contexts[layer - model.bottomBoundary].values += result.values
                contexts[layer - model.bottomBoundary].passages = owners
            }
            position += sequence.count
        }
        return contexts
    }

    /// One layer on one sequence; `observe` sees every weight of a row on a token of the context.
    private func run(
        _ layer: Int, _ hidden: [[Double]], _ positions: [Int], _ context: Context,
        observe: (_ row: Int, _ token: Int, _ weight: Double) -> Void
    ) -> (hidden: [[Double]], keys: [[Double]], values: [[Double]]) {
        let prefix = "model.layers.\(layer)."
        let size = model.headSize
        let group = model.queryHeadCount / model.keyHeadCount
        let normed = hidden.map { normalize($0, weight("\(prefix)input_layernorm")) }
        let queries = zip(normed, positions).map { rotate(multiply(weight("\(prefix)self_attn.q_proj"), $0), $1) }
        let keys = zip(normed, positions).map { rotate(multiply(weight("\(prefix)self_attn.k_proj"), $0), $1) }
        let values = normed.map { multiply(weight("\(prefix)self_attn.v_proj"), $0) }
        let after = hidden.indices.map { row in
            let seenKeys = context.keys + keys[...row]
            let seenValues = context.values + values[...row]
            var attended = [Double](repeating: 0, count: model.queryHeadCount * size)
            for head in 0..<model.queryHeadCount {
                let key = head / group * size
                let scores = seenKeys.map { seen in
                    (0..<size).reduce(0.0) { $0 + queries[row][head * size + $1] * seen[key + $1] }
                        / Double(size).squareRoot()
                }
                let highest = scores.max() ?? 0
                let powers = scores.map { exp($0 - highest) }
                let sum = powers.reduce(0, +)
                for (token, power) in powers.enumerated() {
                    if token < context.keys.count { observe(row, token, power / sum) }
                    for column in 0..<size {
                        attended[head * size + column] += power / sum * seenValues[token][key + column]
                    }
                }
            }
            let middle = plus(hidden[row], multiply(weight("\(prefix)self_attn.o_proj"), attended))
            let input = normalize(middle, weight("\(prefix)post_attention_layernorm"))
            let gate = multiply(weight("\(prefix)mlp.gate_proj"), input)
            let up = multiply(weight("\(prefix)mlp.up_proj"), input)
            let inner = zip(gate, up).map { $0 / (1 + exp(-$0)) * $1 }
            return plus(middle, multiply(weight("\(prefix)mlp.down_proj"), inner))
        }
        return (after, keys, values)
    }

    private func embedding(_ token: Int32) -> [Double] {
        let first = Int(token) * model.hiddenSize
        return Array(weight("model.embed_tokens")[first..<first + model.hiddenSize])
    }

    private func weight(_ name: String) -> [Double] { weights["\(name).weight"] ?? [] }

    private func plus(_ a: [Double], _ b: [Double]) -> [Double] { zip(a, b).map { $0 + $1 } }

    /// `W · x` for row-major W.
    private func multiply(_ matrix: [Double], _ x: [Double]) -> [Double] {
        (0..<matrix.count / x.count).map { row in
            x.indices.reduce(0.0) { $0 + matrix[row * x.count + $1] * x[$1] }
        }
    }

    private func normalize(_ x: [Double], _ weight: [Double]) -> [Double] {
        let mean = x.reduce(0) { $0 + $1 * $1 } / Double(x.count)
        return zip(x, weight).map { $0 * $1 / (mean + 1e-5).squareRoot() }
    }

    private func rotate(_ x: [Double], _ position: Int) -> [Double] {
        let size = model.headSize
        var out = x
        for head in stride(from: 0, to: x.count, by: size) {
            for index in 0..<size / 2 {
                let angle = Double(position) * pow(10000, -2 * Double(index) / Double(size))
                let (low, high) = (x[head + index], x[head + index + size / 2])
                out[head + index] = low * cos(angle) - high * sin(angle)
                out[head + index + size / 2] = high * cos(angle) + low * sin(angle)
            }
        }
        return out
    }
}
