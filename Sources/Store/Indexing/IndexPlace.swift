/// The place of a passage in an index.
struct IndexPlace: Hashable, Comparable, Sendable {
    let partition: Int
    let row: Int

    static func < (one: IndexPlace, other: IndexPlace) -> Bool {
        (one.partition, one.row) < (other.partition, other.row)
    }
}
