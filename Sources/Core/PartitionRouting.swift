/// Which partition a passage belongs to.
public enum PartitionRouting {
    /// The hash of a passage's id: 64-bit FNV-1a over its UTF-8, then the finaliser of MurmurHash3.
    public static func hash(of id: String) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in id.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        hash = (hash ^ (hash >> 33)) &* 0xFF51_AFD7_ED55_8CCD
        hash = (hash ^ (hash >> 33)) &* 0xC4CE_B9FE_1A85_EC53
        return hash ^ (hash >> 33)
    }

    public static func partition(of id: String, partitionCount: Int) -> Int {
        Int(hash(of: id).multipliedFullWidth(by: UInt64(partitionCount)).high)
    }

    public static func range(of partition: Int, partitionCount: Int) -> ClosedRange<UInt64> {
        func first(_ number: Int) -> UInt64 {
            guard number > 0 else { return 0 }
            let (quotient, remainder) = UInt64(partitionCount).dividingFullWidth((UInt64(number), 0))
            return remainder == 0 ? quotient : quotient + 1
        }
        return first(partition)...(partition + 1 == partitionCount ? .max : first(partition + 1) - 1)
    }
}
