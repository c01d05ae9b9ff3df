import CKernels

/// The index of the largest logit, the lowest on a tie.
public func largest(_ logits: [Float]) -> Int { unsafe imprag_largest(logits, logits.count) }

/// The natural logarithm of the softmax of `logits` at `token`; −∞ for a token without a logit, NaN when logits
/// overflowed.
public func logProbability(of token: Int, in logits: [Float]) -> Float {
    guard logits.indices.contains(token) else { return -.infinity }
    let logSum = unsafe imprag_log_sum_exp(logits, logits.count)
    return Float(Double(logits[token]) - logSum)
}
