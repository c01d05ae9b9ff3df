import Core
import Shard
import Synchronization
import Wire

/// A partition in memory: vectors of two numbers, compared one by one, no words, and filters on the field `lang` alone.
final class MemoryEngine: SearchEngine {
    struct Row {
        let passage: Passage
        let vector: [Float]
    }

    let fingerprint: Fingerprint
    let dimension = 2
    let partition: Int
    let partitionCount: Int
    let figures: EngineFigures
    /// What a search throws, when it throws.
    let damage: ImpRAGError?
    let rows = Mutex<[String: Row]>([:])
    let options = Mutex<[SearchOptions]>([])
    let stops = Atomic(0)
    private let updates = Atomic(0)

    init(
        _ fingerprint: Fingerprint, partition: Int, of partitionCount: Int, figures: EngineFigures = EngineFigures(),
        damage: ImpRAGError? = nil
    ) {
        self.fingerprint = fingerprint
        self.partition = partition
        self.partitionCount = partitionCount
        self.figures = figures
        self.damage = damage
    }

    var count: Int { rows.withLock { $0.count } }
    var sequence: Int { updates.load(ordering: .relaxed) }

    func search(
        _ queries: [Float], k: Int, options: SearchOptions, deadline: Deadline
    ) throws(ImpRAGError) -> [[ScoredPassage]] {
        self.options.withLock { $0.append(options) }
        if let damage { throw damage }
        let rows = rows.withLock { Array($0.values) }.filter { row in
            guard case .equals(_, .string(let wanted))? = options.filter else { return true }
            return row.passage.metadata["lang"] == .string(wanted)
        }
        return stride(from: 0, to: queries.count, by: dimension).map { start in
            let scored = rows.map { row in
                (row.passage, row.vector[0] * queries[start] + row.vector[1] * queries[start + 1])
            }
            return scored.sorted { ($1.1, $0.0.id) < ($0.1, $1.0.id) }.prefix(k).enumerated().map { rank, hit in
                ScoredPassage(passage: hit.0, score: hit.1, rank: rank)
            }
        }
    }

    func searchWords(
        _ text: String, count: Int, filter: Filter?, deadline: Deadline
    ) throws(ImpRAGError) -> ShardWords? {
        nil
    }

    func upsert(_ passages: [Passage], vectors: [BFloat16]) throws(ImpRAGError) -> UpsertOutcome {
        updates.add(1, ordering: .relaxed)
        var outcome = UpsertOutcome()
        rows.withLock { rows in
            for (place, passage) in passages.enumerated() {
                let row = Row(
                    passage: passage, vector: vectors[place * dimension..<(place + 1) * dimension].map(\.float))
                if rows.updateValue(row, forKey: passage.id) == nil {
                    outcome.inserted += 1
                } else {
                    outcome.replaced += 1
                }
            }
        }
        return outcome
    }

    func delete(ids: [String]) throws(ImpRAGError) -> Int {
        updates.add(1, ordering: .relaxed)
        return rows.withLock { rows in ids.filter { rows.removeValue(forKey: $0) != nil }.count }
    }

    func stop() {
        stops.add(1, ordering: .relaxed)
    }
}
