// How an index stands among a partition's index blocks: list 0 holds the model as its block 0; list l of the index is list
// l + 1 there, one block a chunk.

internal import Core
internal import Kernels
internal import VectorIndex

/// Reads and makes index blocks.
enum StoredLists {
    /// The blocks that list `list` of `index` is now.
    static func blocks(of list: Int, in index: ListIndex, generation: Int) -> [IndexBlock] {
        index.lists[list].enumerated().map { number, chunk in
            IndexBlock(
                key: IndexBlockKey(generation: generation, list: list + 1, block: number), bytes: chunk.bytes)
        }
    }

    /// The index that `state` names.
    ///
    /// - Throws: `dataLoss` when a block is missing or damaged.
    static func load(_ partition: Partition, _ state: IndexState) throws(ImpRAGError) -> ListIndex {
        func damaged(_ what: String) -> ImpRAGError {
            ImpRAGError(
                .dataLoss,
                "the vector index of \(partition.path) is damaged: \(what); restore the partition, or index the corpus again"
            )
        }
        guard
            let bytes = try partition.indexBlock(IndexBlockKey(generation: state.generation, list: 0, block: 0))
        else { throw damaged("its model is missing") }
        var index = ListIndex(try IndexModel(stored: bytes, dimension: partition.dimension))
        let segments = index.model.segments
        var wrong: String?
        try partition.scanIndexBlocks(generation: state.generation) { list, block, bytes in
            if list == 0 { return true }
            guard list <= index.lists.count, block == index.lists[list - 1].count,
                let chunk = CodeChunk(copying: bytes, segments: segments)
            else {
                wrong = "block \(block) of list \(list - 1) is not readable"
                return false
            }
            index.append(chunk, to: list - 1)
            return true
        }
        if let wrong { throw damaged(wrong) }
        index.seal()
        return index
    }
}
