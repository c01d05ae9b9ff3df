public import Core
internal import ObjectStore

extension StoredCollection {
    /// Deletes what `manifest` makes superfluous: checkpoints older than those that count, and segments before its first
    /// epoch, but for what its snapshots keep. What is newer than the manifest may be in the making, and stays.
    ///
    /// The manifest must once have stood in the store; it need not stand there any more, whoever changes it meanwhile. For
    /// what it makes superfluous is needed by no later one either: checkpoints that count and `firstEpoch` never go back,
    /// and a new snapshot names only what counts in the manifest that it replaces, by compare-and-swap.
    ///
    /// - Returns: how many objects.
    /// - Throws: `dataLoss` when a checkpoint that it names is not there: nothing is deleted that could stand in for it.
    public func removeUnneeded(_ manifest: IndexManifest, deadline: Deadline) throws(ImpRAGError) -> Int {
        let retention = Retention(manifest)
        var contents: [ObjectKey] = []
        var rest: [ObjectKey] = []
        var partitions: Set<Int> = []
        try forEachObject(CollectionKey.checkpointPrefix, deadline) { object in
            guard let (partition, epoch) = CollectionKey.checkpoint(ofFile: object.key),
                manifest.partitions.indices.contains(partition), epoch < manifest.partitions[partition].checkpoint,
                !retention.keepsCheckpoint(of: partition, at: epoch)
            else { return }
            partitions.insert(partition)
            let isContents = object.key.text.hasSuffix("/\(Checkpoint.contentsName)")
            if isContents { contents.append(object.key) } else { rest.append(object.key) }
        }
        for partition in partitions.sorted() {
            _ = try checkpoint(
                partition: partition, epoch: manifest.partitions[partition].checkpoint, deadline: deadline)
        }
        try forEachObject(CollectionKey.logPrefix, deadline) { object in
            guard let epoch = CollectionKey.epoch(ofSegment: object.key), !retention.keepsSegment(epoch) else { return }
            rest.append(object.key)
        }
        // Without its contents nothing is a checkpoint: so none is ever half there.
        for key in contents + rest { try store.delete(key, deadline: deadline) }
        return contents.count + rest.count
    }

    /// Calls `body` for every object whose key begins with `prefix`.
    func forEachObject(
        _ prefix: String, _ deadline: Deadline, _ body: (ListedObject) -> Void
    ) throws(ImpRAGError) {
        let pageCount = 1000
        var last: ObjectKey?
        while true {
            let page = try store.list(prefix, after: last, limit: pageCount, deadline: deadline)
            page.forEach(body)
            guard page.count == pageCount else { return }
            last = page.last?.key
        }
    }
}
