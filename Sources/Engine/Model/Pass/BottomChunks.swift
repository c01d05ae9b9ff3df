import Kernels

/// Sequences on their way through the bottom layers, in batches: short ones together, long ones in chunks.
struct BottomChunks {
    /// Keys and values of layers 0…b−1 of the sequences in the last batch.
    private(set) var caches: [Int: KeyValueTokens] = [:]
    /// Those whose last token was in the last batch.
    private(set) var finished: [Int] = []

    private let model: LlamaModel
    private let sequences: [[Int32]]
    private let firstPositions: [Int]
    private var member = 0
    private var token = 0

    init(_ model: LlamaModel, _ sequences: [[Int32]], firstPositions: [Int]) {
        self.model = model
        self.sequences = sequences
        self.firstPositions = firstPositions
    }

    /// The next batch, its tokens' embeddings in the residual stream, and which sequences it is of; nil at the end.
    mutating func next(in space: inout Workspace) -> (batch: Batch, members: [Int])? {
        for member in finished { caches[member] = nil }
        finished = []
        let layout = model.layout(0..<model.configuration.bottomBoundary)
        var batch = Batch()
        var members: [Int] = []
        var tokens: [ArraySlice<Int32>] = []
        while member < sequences.count, batch.rows < Batch.rowLimit {
            let left = sequences[member].count - token
            let room = Batch.rowLimit - batch.rows
            // Only a sequence that fills a whole batch is cut: the others must end in the batch in which they begin.
            guard left <= room || batch.rows == 0 else { break }
            let count = min(left, room)
            let first = firstPositions[member] + token
            let cache = caches[member] ?? KeyValueTokens(layout)
            caches[member] = cache
            batch.add(
                count: count, caches: [cache], context: nil,
                rotation: model.rotary.rotation(at: first, count: count))
            members.append(member)
            tokens.append(sequences[member][token..<token + count])
            token += count
            guard token == sequences[member].count else { break }
            finished.append(member)
            member += 1
            token = 0
        }
        guard batch.rows > 0 else { return nil }
        model.begin(batch, in: &space)
        for (part, sequence) in zip(tokens, batch.sequences) {
            model.embed(part, at: sequence.rows.lowerBound, in: &space)
        }
        return (batch, members)
    }
}
