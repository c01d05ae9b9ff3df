public import Core
internal import Foundation
internal import ObjectStore
internal import Platform

extension StoredCollection {
    /// Copies `partition` as it is at its position in the log into the store, and returns what was written. What is
    /// there already, whole, stays as it is. The manifest does not change: it has to name the checkpoint for it to
    /// count.
    ///
    /// - Parameters:
    ///   - scratch: a directory for the meantime, on the partition's disk; what is there goes, before and after. Tables
    ///     have a second name there and take no room.
    ///   - pause: called between pieces of work, under no lock; sleeps as the owner likes, or throws to stop.
    /// - Throws: `failedPrecondition` when the partition follows no log or was opened for reading; as the store.
    public func writeCheckpoint(
        of partition: Partition, scratch: String, deadline: Deadline, pause: () throws(ImpRAGError) -> Void
    ) throws(ImpRAGError) -> Checkpoint {
        if let position = partition.logPosition,
            let there = try wholeCheckpoint(partition.number, at: position, deadline)
        {
            return there
        }
        try removeScratch(scratch)
        defer { try? removeScratch(scratch) }
        let (position, passages) = try partition.checkpoint(to: scratch)
        var files: [Checkpoint.File] = []
        for name in try DurableFile.entries(of: scratch).map(\.name).sorted() {
            try pause()
            let file = try MappedFile(path: "\(scratch)/\(name)")
            let entry = Checkpoint.File(
                name: name, bytes: file.count, sha256: hexadecimal(try digest(of: file, pause)))
            let key = try CollectionKey.checkpoint(
                partition: partition.number, epoch: position.epoch, entry.objectName)
            if entry.isFinal {
                try store.upload(file.path, as: key, deadline: deadline)
            } else {
                _ = try store.put(file.copyBytes(in: 0..<file.count), as: key, if: .always, deadline: deadline)
            }
            files.append(entry)
        }
        try pause()
        return try complete(
            Checkpoint(
                collection: position.collection, partition: partition.number, epoch: position.epoch,
                passages: passages, files: files), deadline)
    }

    /// Writes `contents.json`. Where another node has completed the same checkpoint, with files of its own, that one
    /// stays.
    private func complete(_ checkpoint: Checkpoint, _ deadline: Deadline) throws(ImpRAGError) -> Checkpoint {
        let key = try CollectionKey.checkpoint(
            partition: checkpoint.partition, epoch: checkpoint.epoch, Checkpoint.contentsName)
        let bytes = try checkpoint.encoded(as: place(of: key))
        var condition = PutCondition.absent
        while true {
            try deadline.check("writing \(place(of: key))")
            guard case .lost(let winner) = try store.put(bytes, as: key, if: condition, deadline: deadline) else {
                return checkpoint
            }
            if let id = CollectionID(hex: checkpoint.collection) {
                let position = LogPosition(collection: id, epoch: checkpoint.epoch)
                if let there = try wholeCheckpoint(checkpoint.partition, at: position, deadline) { return there }
            }
            // Another collection's, or damaged: to be replaced, unless somebody else does meanwhile.
            condition = winner.map { .version($0.version) } ?? .absent
        }
    }

    /// The checkpoint of `partition` at `position`, if the store has it and all of its objects in the right sizes.
    func wholeCheckpoint(
        _ partition: Int, at position: LogPosition, _ deadline: Deadline
    ) throws(ImpRAGError) -> Checkpoint? {
        let there: Checkpoint
        do throws(ImpRAGError) {
            guard let found = try storedCheckpoint(partition, position.epoch, deadline) else { return nil }
            there = found
        } catch {
            // Damaged: to be written again.
            guard error.code == .dataLoss || error.code == .failedPrecondition else { throw error }
            return nil
        }
        guard there.collection == position.collection.description else { return nil }
        var sizes: [ObjectKey: Int] = [:]
        let contents = try CollectionKey.checkpoint(
            partition: partition, epoch: position.epoch, Checkpoint.contentsName)
        let prefix = String(contents.text.dropLast(Checkpoint.contentsName.count))
        try forEachObject(prefix, deadline) { sizes[$0.key] = $0.size }
        for file in there.files {
            let key = try CollectionKey.checkpoint(partition: partition, epoch: position.epoch, file.objectName)
            guard sizes[key] == file.bytes else { return nil }
        }
        return there
    }

    /// The SHA-256 of a file, read in pieces that may go from memory.
    private func digest(
        of file: MappedFile, _ pause: () throws(ImpRAGError) -> Void
    ) throws(ImpRAGError) -> [UInt8] {
        var hash = SHA256()
        for first in stride(from: 0, to: file.count, by: Checkpoint.pieceBytes) {
            if first > 0 { try pause() }
            let piece = first..<min(first + Checkpoint.pieceBytes, file.count)
            file.withBytes(in: piece) { hash.update($0) }
            file.release(piece)
        }
        return hash.finish()
    }

    /// RocksDB builds a checkpoint in a directory beside the one that it was asked for.
    private func removeScratch(_ scratch: String) throws(ImpRAGError) {
        for path in [scratch, scratch + ".tmp"] { try removeDirectory(path) }
    }
}

extension Checkpoint {
    /// Bytes that are read and hashed at a time.
    static let pieceBytes = 8 << 20
}

/// Removes what is at `path`, if anything.
package func removeDirectory(_ path: String) throws(ImpRAGError) {
    guard FileManager.default.fileExists(atPath: path) else { return }
    do {
        try FileManager.default.removeItem(atPath: path)
    } catch {
        throw ImpRAGError(.unavailable, "\(path) cannot be removed", cause: error)
    }
}
