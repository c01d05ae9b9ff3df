import Core
import Foundation
import Kernels

/// Chooses tokens from logits. Owned by one answer.
struct Sampler {
    private let options: SamplingOptions
    private var random: SplitMix64

    init(_ sampling: Sampling) {
        options = sampling.options
        random = SplitMix64(seed: options.seed ?? UInt64.random(in: .min ... .max))
    }

    /// Goes on as if it had chosen `count` tokens: each takes one number of the random stream.
    mutating func skip(_ count: Int) {
        guard options.temperature > 0 else { return }
        for _ in 0..<count { _ = share() }
    }

    private mutating func share() -> Double { Double.random(in: 0..<1, using: &random) }

    /// - Parameter logits: by id, not empty; an id of −∞ is never chosen.
    mutating func choose(_ logits: [Float]) -> Int32 {
        options.temperature == 0 ? Self.mostProbable(logits) : draw(logits)
    }

    /// The index of the largest logit; the lowest on a tie.
    static func mostProbable(_ logits: [Float]) -> Int32 {
        Int32(largest(logits))
    }

    /// Temperature, then top-k, then top-p: the usual order.
    private mutating func draw(_ logits: [Float]) -> Int32 {
        var candidates = logits.indices.filter { logits[$0] > -.infinity }
        candidates.sort { (logits[$0], $1) > (logits[$1], $0) }
        // Only overflowed logits leave none; the caller sees that in the log-probability.
        guard let first = candidates.first else { return 0 }
        if options.topK > 0 { candidates.removeLast(max(0, candidates.count - options.topK)) }
        let largest = Double(logits[first])
        let weights = candidates.map { exp((Double(logits[$0]) - largest) / options.temperature) }
        let nucleus = (options.topP ?? 1) * weights.reduce(0, +)
        var kept = 0
        var mass = 0.0
        repeat {
            mass += weights[kept]
            kept += 1
        } while kept < weights.count && mass < nucleus
        var point = share() * mass
        for index in 0..<kept {
            point -= weights[index]
            if point < 0 { return Int32(candidates[index]) }
        }
        return Int32(candidates[kept - 1])
    }
}
