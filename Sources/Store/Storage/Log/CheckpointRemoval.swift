public import Core
internal import ObjectStore

extension StoredCollection {
    /// No upload of a process that is alive takes so long.
    private static let uploadAge = Duration.seconds(24 * 3600)

    /// Deletes what `manifest` makes superfluous: checkpoints older than those that count, and segments before its
    /// first epoch, but for what its snapshots keep; and pieces of files whose uploads ended a day ago or more. What is
    /// newer than the manifest may be in the making, and stays.
    ///
    /// The manifest must once have stood in the store; it need not stand there any more, whoever changes it meanwhile.
    /// For what it makes superfluous is needed by no later one either: checkpoints that count and `firstEpoch` never go
    /// back, and a new snapshot names only what counts in the manifest that it replaces, by compare-and-swap.
    ///
    /// - Returns: how many objects.
    /// - Throws: `dataLoss` when a checkpoint that it names is not there: nothing is deleted that could stand in for
    ///   it.
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
        // Costs money and nothing else: a service that does not list them, or not to everybody, holds nobody up.
        _ = try? store.removeUploads(CollectionKey.checkpointPrefix, olderThan: Self.uploadAge, deadline: deadline)
        return contents.count + rest.count
    }

    /// Deletes what runs left behind that were stopped while they made a collection, whose checkpoints are complete by
    /// now: checkpoints of earlier epochs, and files of these that a later run made anew. Those of checkpoints that
    /// snapshots or a retention keep, of which a collection in the making has none, stay as they are.
    ///
    /// Another run that makes the same goes on: it finds the contents there, and takes what stands there for its own.
    ///
    /// - Throws: `dataLoss` when a checkpoint that `manifest` names is not there, and as the store.
    package func removeLeftovers(of manifest: IndexManifest, deadline: Deadline) throws(ImpRAGError) {
        _ = try removeUnneeded(manifest, deadline: deadline)
        for (partition, entry) in manifest.partitions.enumerated() {
            let checkpoint = try checkpoint(partition: partition, epoch: entry.checkpoint, deadline: deadline)
            let names = Set([Checkpoint.contentsName] + checkpoint.files.map(\.objectName))
            try removeFiles(of: partition, epoch: entry.checkpoint, deadline) { !names.contains($0) }
        }
    }

    /// Deletes a checkpoint, in a collection that is being made: its partition is about to change.
    ///
    /// - Throws: as the store.
    package func removeCheckpoint(partition: Int, epoch: Int, deadline: Deadline) throws(ImpRAGError) {
        // Without its contents it is none, whatever stops this.
        try store.delete(
            CollectionKey.checkpoint(partition: partition, epoch: epoch, Checkpoint.contentsName), deadline: deadline)
        try removeFiles(of: partition, epoch: epoch, deadline) { _ in true }
    }

    /// Deletes the files of a checkpoint whose names, after its prefix, `isMeant` accepts.
    private func removeFiles(
        of partition: Int, epoch: Int, _ deadline: Deadline, where isMeant: (String) -> Bool
    ) throws(ImpRAGError) {
        let contents = try CollectionKey.checkpoint(partition: partition, epoch: epoch, Checkpoint.contentsName)
        let prefix = contents.text.dropLast(Checkpoint.contentsName.count)
        var meant: [ObjectKey] = []
        try forEachObject(String(prefix), deadline) { object in
            if isMeant(String(object.key.text.dropFirst(prefix.count))) { meant.append(object.key) }
        }
        for key in meant { try store.delete(key, deadline: deadline) }
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
