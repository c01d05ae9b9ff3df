import Foundation

/// The plain decoder in double precision, as directly as it can be written: no caches, no retrieval, no layer groups.
struct PlainLlama {
    let model: TinyModel
    private let weights: [String: [Double]]

    init(_ model: TinyModel) {
        self.model = model
        weights = model.weights().mapValues { $0.map(Double.init) }
    }

    /// Logits after every token, positions from 0: `[tokens][vocabulary]`.
    func logits(_ tokens: [Int32]) -> [[Double]] {
        var hidden = tokens.map { token -> [Double] in
            let first = Int(token) * model.hiddenSize
            return Array(weight("model.embed_tokens")[first..<first + model.hiddenSize])
        }
        for layer in 0..<model.layerCount { hidden = run(layer, hidden) }
        let head = weight(model.tiesEmbeddings ? "model.embed_tokens" : "lm_head")
        return hidden.map { multiply(head, normalize($0, weight("model.norm"))) }
    }

    private func run(_ layer: Int, _ hidden: [[Double]]) -> [[Double]] {
        let prefix = "model.layers.\(layer)."
        let size = model.headSize
        let group = model.queryHeadCount / model.keyHeadCount
        let normed = hidden.map { normalize($0, weight("\(prefix)input_layernorm")) }
        let queries = normed.enumerated().map { rotate(multiply(weight("\(prefix)self_attn.q_proj"), $1), $0) }
        let keys = normed.enumerated().map { rotate(multiply(weight("\(prefix)self_attn.k_proj"), $1), $0) }
        let values = normed.map { multiply(weight("\(prefix)self_attn.v_proj"), $0) }
        return hidden.indices.map { row in
            var attended = [Double](repeating: 0, count: model.queryHeadCount * size)
            for head in 0..<model.queryHeadCount {
                let key = head / group * size
                let scores = (0...row).map { token in
                    (0..<size).reduce(0.0) { $0 + queries[row][head * size + $1] * keys[token][key + $1] }
                        / Double(size).squareRoot()
                }
                let highest = scores.max() ?? 0
                let powers = scores.map { exp($0 - highest) }
                let sum = powers.reduce(0, +)
                for token in 0...row {
                    for column in 0..<size {
                        attended[head * size + column] += powers[token] / sum * values[token][key + column]
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
