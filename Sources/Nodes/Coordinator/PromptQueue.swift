import Core

/// Which prompts go through the bottom layers next. Pure: no clock, no thread, no model.
///
/// Clients take turns by tokens: a batch starts with, and is filled by, prompts of the client that has had the fewest
/// since it began to wait. Among the prompts of one client, or of several that have had equally many:
///
/// - A batch starts with the prompt whose deadline is nearest. The shortest others that fit within `tokenLimit` join
///   it: a batch takes as long as all its tokens, and every prompt in it waits for the last.
/// - A prompt of more tokens than that is *long* and runs alone.
/// - A prompt that has waited for a long one runs before any further long one.
/// - Later arrivals may overtake a prompt by at most as many tokens as it has itself, or `tokenLimit` if that is more.
///   From then on, whatever their deadlines, it waits only for prompts that have waited for a long one.
struct PromptQueue<Prompt, Client: Hashable> {
    private struct Entry {
        let prompt: Prompt
        let client: Client
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
    /// Tokens that each waiting client has had, counted from what the others had had when it came.
    private var served: [Client: Int] = [:]
    /// What the client had had whose turn it was last.
    private var turn = 0

    init(batchLimit: Int, tokenLimit: Int) {
        precondition(batchLimit > 0 && tokenLimit > 0, "a batch of \(batchLimit) prompts, \(tokenLimit) tokens")
        self.batchLimit = batchLimit
        self.tokenLimit = tokenLimit
    }

    var count: Int { waiting.count }

    /// Waiting prompts, in order of arrival.
    var prompts: [Prompt] { waiting.map(\.prompt) }

    mutating func add(_ prompt: Prompt, of client: Client, tokenCount: Int, deadline: Deadline) {
        // Who comes back has no credit from the time in which it wanted nothing.
        if served[client] == nil { served[client] = turn }
        waiting.append(
            Entry(
                prompt: prompt, client: client, tokenCount: tokenCount, deadline: deadline, hasWaited: isAfterLong))
    }

    /// Removes prompts that need not be computed any more.
    mutating func removeAll(where isUnwanted: (Prompt) -> Bool) {
        waiting.removeAll { isUnwanted($0.prompt) }
        forgetClients()
    }

    private mutating func forgetClients() {
        let clients = Set(waiting.map(\.client))
        served = served.filter { clients.contains($0.key) }
    }

    /// Takes the next batch; empty when nothing waits. Call it when the previous batch is done.
    mutating func next() -> [Prompt] {
        guard let first = firstOfBatch else {
            isAfterLong = false
            return []
        }
        isAfterLong = isLong(waiting[first])
        turn = had(first)
        var chosen = [first]
        charge(first)
        if !isAfterLong { fill(&chosen, room: tokenLimit - waiting[first].tokenCount) }
        let batch = chosen.map { waiting[$0].prompt }
        remove(chosen)
        forgetClients()
        return batch
    }

    /// Adds, as long as they fit into `room`, the shortest prompt of the client that has had the fewest tokens.
    private mutating func fill(_ chosen: inout [Int], room: Int) {
        var room = room
        let first = chosen.first
        let others = waiting.indices.filter { $0 != first && waiting[$0].tokenCount <= room }
        guard !others.isEmpty else { return }
        // The shortest last, where it is taken from.
        var byClient = Dictionary(grouping: others) { waiting[$0].client }.mapValues { indices in
            indices.sorted { (waiting[$0].tokenCount, $0) > (waiting[$1].tokenCount, $1) }
        }
        while chosen.count < batchLimit {
            let candidates = byClient.values.lazy.compactMap { $0.last }.filter { [waiting] in
                waiting[$0].tokenCount <= room
            }
            let next = candidates.min {
                (had($0), waiting[$0].tokenCount, $0) < (had($1), waiting[$1].tokenCount, $1)
            }
            guard let next else { return }
            byClient[waiting[next].client]?.removeLast()
            room -= waiting[next].tokenCount
            chosen.append(next)
            charge(next)
        }
    }

    /// Tokens that the client of an entry has had.
    private func had(_ index: Int) -> Int { served[waiting[index].client] ?? turn }

    private mutating func charge(_ index: Int) {
        served[waiting[index].client] = had(index) + waiting[index].tokenCount
    }

    private func isLong(_ entry: Entry) -> Bool { entry.tokenCount > tokenLimit }

    private var firstOfBatch: Int? {
        let fewest = served.values.min()
        let inTurn = waiting.indices.filter { had($0) == fewest }
        let patient = inTurn.filter { waiting[$0].hasWaited && !isLong(waiting[$0]) }
        guard patient.isEmpty else { return urgent(patient) }
        let overtaken = inTurn.first { waiting[$0].overtakingTokens >= max(tokenLimit, waiting[$0].tokenCount) }
        return overtaken ?? urgent(inTurn)
    }

    /// Of equal deadlines, the one that came first.
    private func urgent(_ indices: [Int]) -> Int? {
        indices.min { (waiting[$0].deadline, $0) < (waiting[$1].deadline, $1) }
    }

    /// Removes `chosen`, and notes by how many tokens others of the same client have been overtaken.
    private mutating func remove(_ chosen: [Int]) {
        var laterTokens: [Client: Int] = [:]
        var isChosen = [Bool](repeating: false, count: waiting.count)
        for index in chosen { isChosen[index] = true }
        for index in waiting.indices.reversed() {
            if isChosen[index] {
                laterTokens[waiting[index].client, default: 0] += waiting[index].tokenCount
            } else {
                waiting[index].overtakingTokens += laterTokens[waiting[index].client] ?? 0
                if isAfterLong { waiting[index].hasWaited = true }
            }
        }
        for index in chosen.sorted(by: >) { waiting.remove(at: index) }
    }
}
