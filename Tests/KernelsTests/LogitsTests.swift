import Foundation
import Kernels
import TestSupport
import Testing

@Suite struct LogitsTests {
    @Test(
        "log-probabilities agree with double precision at every length",
        arguments: [1, 7, 16, 17, 1023, 1024, 1025, 5000])
    func agreesWithDouble(count: Int) {
        var random = SeededGenerator(seed: 1)
        let logits = (0..<count).map { _ in Float.random(in: -30...30, using: &random) }
        let highest = Double(logits.max() ?? 0)
        let logSum = highest + log(logits.reduce(0.0) { $0 + exp(Double($1) - highest) })
        for token in stride(from: 0, to: count, by: max(1, count / 7)) {
            let exact = Double(logits[token]) - logSum
            #expect(abs(Double(logProbability(of: token, in: logits)) - exact) < 1e-5)
        }
    }

    @Test("log-probabilities sum to one and survive large logits")
    func largeLogits() {
        let logits: [Float] = [1000, 1001, 999, -1000]
        let sum = (0..<4).reduce(0.0) { $0 + exp(Double(logProbability(of: $1, in: logits))) }
        #expect(abs(sum - 1) < 1e-6)
        #expect(logProbability(of: 0, in: []) == -.infinity)
    }

    @Test("the largest logit is the first of equal ones, wherever it stands", arguments: [1, 15, 16, 17, 64, 100])
    func largestLogit(count: Int) {
        for place in 0..<count {
            var logits = [Float](repeating: -2, count: count)
            for index in place..<count where index % 3 == place % 3 { logits[index] = -1 }
            #expect(largest(logits) == place)
        }
        #expect(largest([Float](repeating: .nan, count: count)) == 0)
        #expect(largest([]) == 0)
    }
}
