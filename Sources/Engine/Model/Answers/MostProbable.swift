/// The ids of the `count` largest logits, largest first; of equal ones the lowest id first, as `Sampler` chooses. Ids
/// of −∞, which are never said, are left out.
///
/// - Complexity: O(logits) while `count` is small: few of them enter the list.
func mostProbable(_ count: Int, of logits: [Float]) -> [Int32] {
    guard count > 0 else { return [] }
    var best: [Int32] = []
    best.reserveCapacity(count + 1)
    var least = -Float.infinity
    for (id, logit) in logits.enumerated() where logit > least {
        let place = best.firstIndex { logits[Int($0)] < logit } ?? best.count
        best.insert(Int32(id), at: place)
        if best.count > count { best.removeLast() }
        if best.count == count { least = logits[Int(best[count - 1])] }
    }
    return best
}
