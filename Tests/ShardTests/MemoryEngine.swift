import Core
import Shard
import Storage
import Synchronization
import VectorIndex
import Wire

/// A partition in memory: vectors of two numbers, compared one by one, no words, and filters on the field `lang` alone.
final class MemoryEngine: SearchEngine {
    struct Row {
        let passage: Passage
        let vector: [Float]
        /// Never used again.
        let number: Int
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
    /// What `apply` throws, while it does.
    let refusal = Mutex<ImpRAGError?>(nil)
    private let position = Atomic(0)
    private let rowCount = Atomic(0)

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
    var epoch: Int { position.load(ordering: .relaxed) }

    func search(
        _ queries: [Float], k: Int, options: SearchOptions, deadline: Deadline
    ) throws(ImpRAGError) -> [[Hit]] {
        self.options.withLock { $0.append(options) }
        if let damage { throw damage }
        let rows = rows.withLock { Array($0.values) }.filter { row in
            guard case .equals(_, .string(let wanted))? = options.filter else { return true }
            return row.passage.metadata["lang"] == .string(wanted)
        }
        return stride(from: 0, to: queries.count, by: dimension).map { start in
            let scored = rows.map { row in
                Hit(
                    row: row.number,
                    score: row.vector[0] * queries[start] + row.vector[1] * queries[start + 1])
            }
            return scored.sorted { ($1.score, $0.row) < ($0.score, $1.row) }.prefix(k).map { $0 }
        }
    }

    func passages(rows: [Int]) throws(ImpRAGError) -> [Passage?] {
        let held = self.rows.withLock { Array($0.values) }
        return rows.map { row in held.first { $0.number == row }?.passage }
    }

    func searchWords(
        _ text: String, count: Int, filter: Filter?, deadline: Deadline
    ) throws(ImpRAGError) -> ShardWords? {
        nil
    }

    func apply(_ changes: [LoggedChange], epoch: Int) throws(ImpRAGError) -> [Int: UpdateOutcome] {
        if let refusal = refusal.withLock({ $0 }) { throw refusal }
        var outcomes: [Int: UpdateOutcome] = [:]
        rows.withLock { rows in
            for change in changes {
                var outcome = outcomes[change.update] ?? UpdateOutcome()
                switch change.change {
                case .upsert(let passage, let vector):
                    let row = Row(
                        passage: passage, vector: vector.map(\.float),
                        number: rowCount.add(1, ordering: .relaxed).oldValue)
                    if rows.updateValue(row, forKey: passage.id) == nil {
                        outcome.inserted += 1
                    } else {
                        outcome.replaced += 1
                    }
                case .delete(let id): outcome.deleted += rows.removeValue(forKey: id) == nil ? 0 : 1
                }
                outcomes[change.update] = outcome
            }
        }
        position.store(epoch, ordering: .relaxed)
        return outcomes
    }

    func stop() {
        stops.add(1, ordering: .relaxed)
    }
}
