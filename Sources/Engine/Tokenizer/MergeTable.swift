/// Which two neighbouring tokens become one, and which pair goes first, in one flat hash table.
struct MergeTable: Sendable {
    /// The rank of a pair that never merges.
    static let never = UInt32.max

    /// Left id in the upper half, right id in the lower; all ones where free.
    private var keys: [UInt64]
    private var ranks: [UInt32]
    /// The id that each rank produces.
    private var products: [Int32] = []
    private var used = 0

    /// - Parameter expectedCount: merges to reserve room for.
    init(expectedCount: Int = 0) {
        var capacity = 16
        while capacity < expectedCount * 3 / 2 { capacity *= 2 }
        keys = [UInt64](repeating: .max, count: capacity)
        ranks = [UInt32](repeating: Self.never, count: capacity)
    }

    var count: Int { products.count }

    /// Adds the next merge; its rank is the number of merges before it. A pair that stands twice has its last rank.
    mutating func append(_ left: Int32, _ right: Int32, product: Int32) {
        if used * 4 >= keys.count * 3 { grow() }
        place(Self.key(left, right), rank: UInt32(truncatingIfNeeded: products.count))
        products.append(product)
    }

    /// The rank of a pair, lower merges earlier; `never` when it does not merge.
    @inline(__always)
    func rank(_ left: Int32, _ right: Int32) -> UInt32 {
        let key = Self.key(left, right)
        let keys = keys.span
        let mask = keys.count - 1
        var slot = Self.slot(of: key, mask: mask)
        while true {
            let found = keys[slot]
            if found == key { return ranks.span[slot] }
            if found == .max { return Self.never }
            slot = (slot + 1) & mask
        }
    }

    @inline(__always)
    func product(ofRank rank: UInt32) -> Int32 { products.span[Int(rank)] }

    private mutating func place(_ key: UInt64, rank: UInt32) {
        let mask = keys.count - 1
        var slot = Self.slot(of: key, mask: mask)
        while keys[slot] != .max, keys[slot] != key { slot = (slot + 1) & mask }
        if keys[slot] == .max { used += 1 }
        keys[slot] = key
        ranks[slot] = rank
    }

    private mutating func grow() {
        let old = (keys, ranks)
        keys = [UInt64](repeating: .max, count: old.0.count * 2)
        ranks = [UInt32](repeating: Self.never, count: old.0.count * 2)
        used = 0
        for index in old.0.indices where old.0[index] != .max { place(old.0[index], rank: old.1[index]) }
    }

    @inline(__always)
    private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
    }

    @inline(__always)
    private static func slot(of key: UInt64, mask: Int) -> Int {
        let mixed = key &* 0x9E37_79B9_7F4A_7C15
        return Int(truncatingIfNeeded: mixed ^ (mixed >> 32)) & mask
    }
}
