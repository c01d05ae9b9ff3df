public import Core
internal import RocksDB
public import VectorIndex

/// Under which keys the vector index lies; what its header and blocks are is the index's own business.
extension Partition {
    /// The header of the vector index; nil when there is none.
    ///
    /// - Throws: `dataLoss` when it is damaged, `failedPrecondition` when it is of another version.
    public func indexHeader() throws(ImpRAGError) -> VectorIndexHeader? {
        let bytes = try reading { () throws(RocksDBError) in
            try database.get(PartitionFormat.indexHeaderKey, in: PartitionFormat.metadata)
        }
        guard let bytes else { return nil }
        return try decoded { () throws(ImpRAGError) in try VectorIndexHeader(stored: bytes) }
    }

    /// The vector index that `header` names.
    ///
    /// - Throws: `dataLoss` when a block is missing or damaged.
    func loadIndex(_ header: VectorIndexHeader) throws(ImpRAGError) -> ListIndex {
        let model = try indexBlock(.model(generation: header.generation))
        var index = try decoded { () throws(ImpRAGError) in
            guard let model else { throw ImpRAGError(.dataLoss, "its model is missing") }
            return try ListIndex(storedModel: model, dimension: dimension)
        }
        var failure: ImpRAGError?
        try scanIndexBlocks(generation: header.generation) { name, bytes in
            guard case .chunk(_, let list, let number) = name else { return true }
            do throws(ImpRAGError) {
                try index.append(stored: bytes, list: list, number: number)
            } catch {
                failure = error
            }
            return failure == nil
        }
        try decoded { () throws(ImpRAGError) in if let failure { throw failure } }
        index.seal()
        return index
    }

    /// How long the codes of the vector index are that is there; nil when there is none.
    ///
    /// - Throws: `dataLoss` when it is damaged.
    public func indexedCodeSize() throws(ImpRAGError) -> CodeSize? {
        guard let header = try indexHeader() else { return nil }
        let model = try indexBlock(.model(generation: header.generation))
        return try decoded { () throws(ImpRAGError) in
            guard let model else { throw ImpRAGError(.dataLoss, "its model is missing") }
            return try ListIndex(storedModel: model, dimension: dimension).model.codeSize
        }
    }

    /// The queries of the last calibration; nil when none are kept.
    ///
    /// - Throws: `dataLoss` when they are damaged.
    public func calibrationQueries() throws(ImpRAGError) -> SampleQueries? {
        guard let bytes = try indexBlock(.queries) else { return nil }
        return try decoded { () throws(ImpRAGError) in try SampleQueries(stored: bytes, dimension: dimension) }
    }

    /// How long the codes of its vector index are, of this one and of those that replace it.
    ///
    /// - Throws: `dataLoss` when what was chosen is not readable.
    public func codeSize() throws(ImpRAGError) -> CodeSize {
        let bytes = try reading { () throws(RocksDBError) in
            try database.get(PartitionFormat.codesKey, in: PartitionFormat.metadata)
        }
        guard let bytes else { return .usual(dimension: dimension) }
        guard let size = PartitionFormat.number(bytes).flatMap(CodeSize.init(rawValue:)) else {
            throw damaged("the size of its codes is not readable")
        }
        return size
    }

    /// Chooses the size of codes for vector indexes to come, durably.
    ///
    /// - Throws: as `upsert`.
    public func setCodeSize(_ size: CodeSize) throws(ImpRAGError) {
        guard try codeSize() != size else { return }
        try writing { writer throws(ImpRAGError) in
            var batch = WriteBatch()
            let value = PartitionFormat.number(size.rawValue)
            if size == .usual(dimension: dimension) {
                batch.delete(PartitionFormat.codesKey, in: PartitionFormat.metadata, of: database)
            } else {
                batch.put(PartitionFormat.codesKey, value, in: PartitionFormat.metadata, of: database)
            }
            try write(batch, &writer, .synced)
        }
    }

    /// Lends the blocks of `generation` to `body`, in the order of their names, until it returns false. They are those
    /// of one moment.
    public func scanIndexBlocks(
        generation: Int, _ body: (_ name: VectorIndexBlock.Name, _ bytes: RawSpan) -> Bool
    ) throws(ImpRAGError) {
        let (first, end) = VectorIndexBlock.Name.keys(of: generation)
        var isDamaged = false
        try reading { () throws(RocksDBError) in
            try database.scan(PartitionFormat.index, from: first, until: end) { key, value in
                guard let name = VectorIndexBlock.Name(key: [UInt8](copying: key)) else {
                    isDamaged = true
                    return false
                }
                return body(name, value)
            }
        }
        if isDamaged { throw damaged("a block of its vector index has no readable key") }
    }

    /// The bytes of the block `name`; nil when there is none.
    public func indexBlock(_ name: VectorIndexBlock.Name) throws(ImpRAGError) -> [UInt8]? {
        try reading { () throws(RocksDBError) in try database.get(name.key, in: PartitionFormat.index) }
    }

    /// Writes and removes blocks, and the header, in one write: all or nothing.
    ///
    /// - Parameters:
    ///   - header: replaces the former; nil leaves it.
    ///   - synced: whether it is on the disk when it returns. If not, it outlives the process, not the machine, and
    ///     whatever is written later never without it.
    /// - Throws: as `upsert`.
    public func writeIndex(
        _ blocks: [VectorIndexBlock], removing: [VectorIndexBlock.Name] = [], header: VectorIndexHeader? = nil,
        synced: Bool
    ) throws(ImpRAGError) {
        try writing { writer throws(ImpRAGError) in
            var batch = WriteBatch()
            for name in removing { batch.delete(name.key, in: PartitionFormat.index, of: database) }
            for block in blocks { batch.put(block.name.key, block.bytes, in: PartitionFormat.index, of: database) }
            if let header {
                batch.put(PartitionFormat.indexHeaderKey, header.bytes, in: PartitionFormat.metadata, of: database)
            }
            guard batch.count > 0 else { return }
            try write(batch, &writer, synced ? .synced : .logged)
        }
    }

    /// Removes all blocks of `generation`. The header stays: write one that names another generation first.
    public func removeIndex(generation: Int) throws(ImpRAGError) {
        let (first, end) = VectorIndexBlock.Name.keys(of: generation)
        try writing { writer throws(ImpRAGError) in
            var batch = WriteBatch()
            batch.deleteRange(from: first, until: end, in: PartitionFormat.index, of: database)
            try write(batch, &writer, .synced)
        }
    }

    /// Moves what stands in the log of recent writes into table files: whoever opens the partition next need not read
    /// it.
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

    /// Says whose vector index it is that cannot be decoded.
    private func decoded<Value>(_ body: () throws(ImpRAGError) -> Value) throws(ImpRAGError) -> Value {
        do throws(ImpRAGError) {
            return try body()
        } catch {
            let remedy = error.code == .dataLoss ? "; restore the partition, or index the corpus again" : ""
            throw ImpRAGError(error.code, "the vector index of \(path) cannot be read: \(error.message)\(remedy)")
        }
    }
}
