import Foundation

/// Natural logarithms of the softmax of `logits`.
func logProbabilities(_ logits: [Float]) -> [Double] {
    let highest = Double(logits.max() ?? 0)
    let sum = logits.reduce(0.0) { $0 + exp(Double($1) - highest) }
    return logits.map { Double($0) - highest - log(sum) }
}

/// The most probable token; the lowest id among equals.
func greedy(_ logits: [Float]) -> Int32 {
    var best = 0
    for index in logits.indices where logits[index] > logits[best] { best = index }
    return Int32(best)
}
