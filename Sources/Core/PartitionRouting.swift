/// Which partition a passage belongs to: the one whose range contains the hash of its id.
///
/// Finished indexes depend on it, so it is the same on every machine and in every version.
public enum PartitionRouting {
    /// 64-bit FNV-1a over the id's UTF-8, then MurmurHash3's finalizer: ids that differ only at their ends have nearly
    /// the same upper bits in FNV, and the upper bits choose the partition.
    public static func hash(of id: String) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in id.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        hash = (hash ^ (hash >> 33)) &* 0xFF51_AFD7_ED55_8CCD
        hash = (hash ^ (hash >> 33)) &* 0xC4CE_B9FE_1A85_EC53
        return hash ^ (hash >> 33)
    }

    /// The partition, from 0, of the passage `id`.
    public static func partition(of id: String, partitionCount: Int) -> Int {
        partition(ofHash: hash(of: id), partitionCount: partitionCount)
    }

    /// The upper 64 bits of hash · partitionCount: cuts the hashes into consecutive ranges of equal size, as far as
    /// they divide evenly.
    public static func partition(ofHash hash: UInt64, partitionCount: Int) -> Int {
        precondition(partitionCount > 0, "\(partitionCount) partitions")
        return Int(hash.multipliedFullWidth(by: UInt64(partitionCount)).high)
    }

    /// The hashes that belong to partition number `partition`.
    public static func range(of partition: Int, partitionCount: Int) -> ClosedRange<UInt64> {
        precondition((0..<partitionCount).contains(partition), "partition \(partition) of \(partitionCount)")
        return first(of: partition, partitionCount)...(first(of: partition + 1, partitionCount) &- 1)
    }

    /// The least hash whose product with `count` reaches partition · 2⁶⁴; for `partition` = `count`, 2⁶⁴ as 0.
    private static func first(of partition: Int, _ count: Int) -> UInt64 {
        let least = (UInt128(partition) << 64 + UInt128(count - 1)) / UInt128(count)
        return UInt64(truncatingIfNeeded: least)
    }
}
