/// Which partition a passage belongs to: a function of its id and the number of shards, the same on every machine and
/// in every version, since finished indexes depend on it.
public enum ShardRouting {
    /// 64-bit FNV-1a over the id's UTF-8, then the finaliser of MurmurHash3 (FNV's low bits alone are too regular for a
    /// remainder), modulo `shardCount`.
    public static func shard(of id: String, shardCount: Int) -> Int {
        precondition(shardCount > 0, "\(shardCount) shards")
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in id.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        hash = (hash ^ (hash >> 33)) &* 0xFF51_AFD7_ED55_8CCD
        hash = (hash ^ (hash >> 33)) &* 0xC4CE_B9FE_1A85_EC53
        hash ^= hash >> 33
        return Int(hash % UInt64(shardCount))
    }
}
