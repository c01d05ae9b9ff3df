import Core

/// Which prompts go through the bottom layers next. Pure: no clock, no thread, no model.
///
/// - A batch starts with the prompt whose deadline is nearest. The shortest others that fit within `tokenLimit` join
///   it: a batch takes as long as all its tokens, and every prompt in it waits for the last.
/// - A prompt of more tokens than that is *long* and runs alone.
/// - A prompt that has waited for a long one runs before any further long one.
/// - Later arrivals may overtake a prompt by at most as many tokens as it has itself, or `tokenLimit` if that is more.
///   From then on, whatever their deadlines, it waits only for prompts that have waited for a long one.
struct PromptQueue<Prompt> {
    private struct Entry {
        let prompt: Prompt
        let tokenCount: Int
        let deadline: Deadline
        /// Tokens of prompts that arrived later and ran earlier.
        var overtakingTokens = 0
        /// Whether it has waited for a long prompt.
        var hasWaited: Bool
    }

    /// The most prompts in one batch.
    let batchLimit: Int
    /// The most tokens in a batch of several prompts.
    let tokenLimit: Int
    /// In order of arrival.
    private var waiting: [Entry] = []
    /// The batch taken last is a long prompt: whatever arrives now waits for it.
    private var isAfterLong = false

    init(batchLimit: Int, tokenLimit: Int) {
        precondition(batchLimit > 0 && tokenLimit > 0, "a batch of \(batchLimit) prompts, \(tokenLimit) tokens")
        self.batchLimit = batchLimit
        self.tokenLimit = tokenLimit
    }

    var count: Int { waiting.count }

    /// Waiting prompts, in order of arrival.
    var prompts: [Prompt] { waiting.map(\.prompt) }

    mutating func add(_ prompt: Prompt, tokenCount: Int, deadline: Deadline) {
        waiting.append(
            Entry(prompt: prompt, tokenCount: tokenCount, deadline: deadline, hasWaited: isAfterLong))
    }

    /// Removes prompts that need not be computed any more.
    mutating func removeAll(where isUnwanted: (Prompt) -> Bool) {
        waiting.removeAll { isUnwanted($0.prompt) }
    }

    /// Takes the next batch; empty when nothing waits. Call it when the previous batch is done.
    mutating func next() -> [Prompt] {
        guard let first = firstOfBatch else {
            isAfterLong = false
            return []
        }
        isAfterLong = isLong(waiting[first])
        var chosen = [first]
        if !isAfterLong {
            var room = tokenLimit - waiting[first].tokenCount
            let others = waiting.indices.filter { $0 != first }
            for index in others.sorted(by: { (waiting[$0].tokenCount, $0) < (waiting[$1].tokenCount, $1) }) {
                room -= waiting[index].tokenCount
                guard room >= 0, chosen.count < batchLimit else { break }
                chosen.append(index)
            }
        }
        let batch = chosen.map { waiting[$0].prompt }
        remove(chosen)
        return batch
    }

    private func isLong(_ entry: Entry) -> Bool { entry.tokenCount > tokenLimit }

    private var firstOfBatch: Int? {
        let patient = waiting.indices.filter { waiting[$0].hasWaited && !isLong(waiting[$0]) }
        guard patient.isEmpty else { return urgent(patient) }
        let overtaken = waiting.firstIndex { $0.overtakingTokens >= max(tokenLimit, $0.tokenCount) }
        return overtaken ?? urgent(Array(waiting.indices))
    }

    /// Of equal deadlines, the one that came first.
    private func urgent(_ indices: [Int]) -> Int? {
        indices.min { (waiting[$0].deadline, $0) < (waiting[$1].deadline, $1) }
    }

    /// Removes `chosen`, and charges the others with having been overtaken.
    private mutating func remove(_ chosen: [Int]) {
        var laterTokens = 0
        var isChosen = [Bool](repeating: false, count: waiting.count)
        for index in chosen { isChosen[index] = true }
        for index in waiting.indices.reversed() {
            if isChosen[index] {
                laterTokens += waiting[index].tokenCount
            } else {
                waiting[index].overtakingTokens += laterTokens
                if isAfterLong { waiting[index].hasWaited = true }
            }
        }
        for index in chosen.sorted(by: >) { waiting.remove(at: index) }
    }
}
