internal import Core

/// The changes of one write, at most one of each id: of several with one id the last counts.
struct DistinctChanges {
    /// What is added, in the order of the last changes of their ids.
    private(set) var passages: [Passage] = []
    /// `[passages.count × dimension]`.
    private(set) var vectors: [BFloat16] = []
    /// What is deleted, if it is there.
    private(set) var deleted: [[UInt8]] = []

    init(_ changes: some Collection<PassageChange>) {
        // By bytes: ids that only look alike are different.
        var last: [[UInt8]: Int] = [:]
        for (place, change) in changes.enumerated() { last[Array(change.id.utf8)] = place }
        for (place, change) in changes.enumerated() {
            let id = Array(change.id.utf8)
            guard last[id] == place else { continue }
            switch change {
            case .upsert(let passage, let vector):
                passages.append(passage)
                vectors += vector
            case .delete: deleted.append(id)
            }
        }
    }

    /// Of all changes.
    var ids: [[UInt8]] { passages.map { Array($0.id.utf8) } + deleted }
}
