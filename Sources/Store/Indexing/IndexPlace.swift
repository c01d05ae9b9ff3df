/// Where a passage stands in an index.
struct IndexPlace: Hashable, Comparable, Sendable {
    let shard: Int
    let row: Int

    static func < (one: IndexPlace, other: IndexPlace) -> Bool { (one.shard, one.row) < (other.shard, other.row) }
}
