import Core

/// Which prompts go through the bottom layers next. Pure: no clock, no thread, no model.
///
/// - A batch starts with the prompt whose deadline is nearest. The shortest others that fit beside it within
///   `tokenLimit` come along: the time of a batch is that of its tokens, and all in it wait for the last.
/// - A prompt of more tokens than that is *long* and goes alone.
/// - A prompt that has waited for a long one goes before any further long one.
/// - Once others that came later have taken as many tokens of computing before a prompt as it has itself, and `tokenLimit`
///   at least, they take no more, whatever their deadlines: it waits at most for those that have waited for a long one.
struct PromptQueue<Prompt> {
    private struct Entry {
        let prompt: Prompt
        let tokenCount: Int
        let deadline: Deadline
        /// Tokens of prompts that came later and went earlier.
        var overtakingTokens = 0
        /// Whether it has waited for a long prompt.
        var hasWaited: Bool
    }

    /// Prompts of one batch.
    let batchLimit: Int
    /// Tokens of one batch of several prompts.
    let tokenLimit: Int
    /// In order of arrival.
    private var waiting: [Entry] = []
    /// The batch taken last was a long prompt, and what arrives waits for it.
    private var isAfterLong = false

    init(batchLimit: Int, tokenLimit: Int) {
        precondition(batchLimit > 0 && tokenLimit > 0, "a batch of \(batchLimit) prompts, \(tokenLimit) tokens")
        self.batchLimit = batchLimit
        self.tokenLimit = tokenLimit
    }

    var count: Int { waiting.count }

    /// Prompts that wait, in order of arrival.
    var prompts: [Prompt] { waiting.map(\.prompt) }

    mutating func add(_ prompt: Prompt, tokenCount: Int, deadline: Deadline) {
        waiting.append(
            Entry(prompt: prompt, tokenCount: tokenCount, deadline: deadline, hasWaited: isAfterLong))
    }

    /// Takes out what need not be computed any more.
    mutating func removeAll(where isUnwanted: (Prompt) -> Bool) {
        waiting.removeAll { isUnwanted($0.prompt) }
    }

    /// The next batch, to be called when the one before is done; empty when nothing waits.
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

    /// Takes `chosen` out, and counts what that means for the others.
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
