/// The place of a passage in an index.
struct PassagePlace: Hashable, Comparable, Sendable {
    let partition: Int
    let row: Int

    static func < (one: PassagePlace, other: PassagePlace) -> Bool {
        (one.partition, one.row) < (other.partition, other.row)
    }
}
