public import Core
internal import RocksDB

/// The vector index's own blocks, which are only bytes here.
extension Partition {
    /// What `writeIndex` stored last as header; nil when there is none.
    public func indexHeader() throws(ImpRAGError) -> [UInt8]? {
        try reading { () throws(RocksDBError) in
            try database.get(PartitionFormat.indexHeaderKey, in: PartitionFormat.metadata)
        }
    }

    /// Lends the blocks of `generation` to `body`, ordered by list and block, until it returns false. They are those of
    /// one moment.
    public func scanIndexBlocks(
        generation: Int, _ body: (_ list: Int, _ block: Int, _ bytes: RawSpan) -> Bool
    ) throws(ImpRAGError) {
        let (first, end) = Self.keys(of: generation)
        var isDamaged = false
        try reading { () throws(RocksDBError) in
            try database.scan(PartitionFormat.index, from: first, until: end) { key, value in
                guard let key = IndexBlockKey(bytes: [UInt8](copying: key)) else {
                    isDamaged = true
                    return false
                }
                return body(key.list, key.block, value)
            }
        }
        if isDamaged { throw damaged("a block of its vector index has no readable key") }
    }

    /// The block `key`; nil when there is none.
    public func indexBlock(_ key: IndexBlockKey) throws(ImpRAGError) -> [UInt8]? {
        try reading { () throws(RocksDBError) in try database.get(key.bytes, in: PartitionFormat.index) }
    }

    /// Writes and removes blocks, and the header, in one write: all or nothing.
    ///
    /// - Parameters:
    ///   - header: replaces the former; nil leaves it.
    ///   - synced: whether it is on the disk when it returns. If not, it outlives the process, not the machine, and
    ///     whatever is written later never without it.
    /// - Throws: as `upsert`.
    public func writeIndex(
        _ blocks: [IndexBlock], removing: [IndexBlockKey] = [], header: [UInt8]? = nil, synced: Bool
    ) throws(ImpRAGError) {
        try writing { writer throws(ImpRAGError) in
            var batch = WriteBatch()
            for key in removing { batch.delete(key.bytes, in: PartitionFormat.index, of: database) }
            for block in blocks { batch.put(block.key.bytes, block.bytes, in: PartitionFormat.index, of: database) }
            if let header {
                batch.put(PartitionFormat.indexHeaderKey, header, in: PartitionFormat.metadata, of: database)
            }
            guard batch.count > 0 else { return }
            try write(batch, &writer, synced ? .synced : .logged)
        }
    }

    /// Removes all blocks of `generation`. The header stays: write one that names another generation first.
    public func removeIndex(generation: Int) throws(ImpRAGError) {
        let (first, end) = Self.keys(of: generation)
        try writing { writer throws(ImpRAGError) in
            var batch = WriteBatch()
            batch.deleteRange(from: first, until: end, in: PartitionFormat.index, of: database)
            try write(batch, &writer, .synced)
        }
    }

    /// Moves what stands in the log of recent writes into table files: whoever opens the partition next need not read it.
    ///
    /// - Throws: as `upsert`.
    public func flush() throws(ImpRAGError) {
        try writing { writer throws(ImpRAGError) in
            do throws(RocksDBError) {
                try database.flush()
            } catch {
                writer.failure = error
                throw error.wrapped("partition \(path) could not be flushed and takes no more writes")
            }
        }
    }

    /// The first key of `generation`, and the one that ends it.
    private static func keys(of generation: Int) -> (first: [UInt8], end: [UInt8]) {
        precondition(generation >= 0 && generation < 1 << 32 - 1, "generation \(generation)")
        return (PartitionFormat.shortKey(generation), PartitionFormat.shortKey(generation + 1))
    }
}
