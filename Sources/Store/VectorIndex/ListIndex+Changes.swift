public import Core
public import Kernels

extension ListIndex {
    /// Lists that change, by their numbers.
    public typealias Changes = [Int: PendingList]

    /// The lists that `rows` join once they are coded, without their dead vectors, and the mean relative error of the
    /// codes.
    ///
    /// - Parameter vectors: `[rows.count × dimension]`.
    public func changes(
        adding rows: [Int], vectors: [Float], live: RowSet, pool: WorkerPool
    ) -> (lists: Changes, relativeError: Double) {
        let encoded = VectorEncoder(model).encode(vectors, pool: pool)
        let codeBytes = model.codeSize.rawValue
        var changes: Changes = [:]
        for (place, row) in rows.enumerated() {
            let list = Int(encoded.lists[place])
            changes[list, default: PendingList(lists[list]) { live.contains($0) }].append(
                row: row, scale: encoded.scales[place],
                code: encoded.codes[(place * codeBytes)..<((place + 1) * codeBytes)])
        }
        return (changes, encoded.relativeError)
    }

    /// Those of the lists `range` that have dead vectors, without them.
    public func changes(compacting range: Range<Int>, live: RowSet) -> Changes {
        var changes: Changes = [:]
        for list in range {
            let kept = PendingList(lists[list]) { live.contains($0) }
            if kept.rows.count < lists[list].reduce(0, { $0 + $1.count }) { changes[list] = kept }
        }
        return changes
    }

    /// Puts `changes` into their lists.
    public mutating func apply(_ changes: Changes) {
        for (list, pending) in changes { replace(list, with: pending.chunks(model.codeSize)) }
    }

    /// The rows of the lists `numbers` that are not in `live`.
    public func deadRows(of numbers: some Sequence<Int>, live: RowSet) -> [Int] {
        numbers.flatMap { number in
            lists[number].flatMap { chunk in
                (0..<chunk.count).map { chunk.row($0) }.filter { !live.contains($0) }
            }
        }
    }

    /// What has to be written and removed for the lists `numbers`, stored as they are in `former`, to be stored as they
    /// are here.
    public func blocks(
        of numbers: some Sequence<Int>, replacing former: ListIndex, generation: Int
    ) -> (written: [VectorIndexBlock], removed: [VectorIndexBlock.Name]) {
        var written: [VectorIndexBlock] = []
        var removed: [VectorIndexBlock.Name] = []
        for list in numbers.sorted() {
            written += blocks(of: list, generation: generation)
            let count = lists[list].count
            for number in count..<max(count, former.lists[list].count) {
                removed.append(.chunk(generation: generation, list: list, number: number))
            }
        }
        return (written, removed)
    }
}
