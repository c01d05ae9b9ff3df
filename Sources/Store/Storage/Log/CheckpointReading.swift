public import Core
internal import Foundation
internal import ObjectStore
internal import Platform

extension StoredCollection {
    /// What the checkpoint of `partition` at `epoch` consists of.
    ///
    /// - Throws: `dataLoss`, naming the object, when it is missing or damaged.
    public func checkpoint(
        partition: Int, epoch: Int, deadline: Deadline
    ) throws(ImpRAGError) -> Checkpoint {
        guard let found = try storedCheckpoint(partition, epoch, deadline) else {
            throw missing(
                try CollectionKey.checkpoint(partition: partition, epoch: epoch, Checkpoint.contentsName))
        }
        return found
    }

    /// As `checkpoint`; nil where there is none.
    func storedCheckpoint(
        _ partition: Int, _ epoch: Int, _ deadline: Deadline
    ) throws(ImpRAGError) -> Checkpoint? {
        let key = try CollectionKey.checkpoint(partition: partition, epoch: epoch, Checkpoint.contentsName)
        guard let object = try store.get(key, limit: ChecksummedFile.limitBytes, deadline: deadline) else { return nil }
        return try Checkpoint(
            stored: object.bytes, named: place(of: key), partition: partition, epoch: epoch)
    }

    /// Brings a partition back from its checkpoint into the new directory `path`. Every byte is checked on the way, and
    /// the directory gets its name once everything is in it and on the disk.
    ///
    /// - Parameter progress: called between pieces of work, with bytes; sleeps as the owner likes, or throws to stop.
    /// - Throws: `failedPrecondition` when there is something at `path`; `dataLoss`, naming the object, when one is
    ///   missing or not what was written; `resourceExhausted` when the disk is full; as the store.
    public func restore(
        partition: Int, epoch: Int, to path: String, deadline: Deadline,
        progress: (_ done: Int, _ total: Int) throws(ImpRAGError) -> Void
    ) throws(ImpRAGError) {
        guard !FileManager.default.fileExists(atPath: path) else {
            throw ImpRAGError(
                .failedPrecondition,
                "\(path) is there already; a partition is brought back into a new directory")
        }
        let checkpoint = try checkpoint(partition: partition, epoch: epoch, deadline: deadline)
        let fresh = path + ".new"
        try removeDirectory(fresh)
        do throws(ImpRAGError) {
            try makeDirectory(fresh)
            var done = 0
            for file in checkpoint.files {
                try progress(done, checkpoint.byteCount)
                let key = try CollectionKey.checkpoint(partition: partition, epoch: epoch, file.objectName)
                try bring(file, key, to: "\(fresh)/\(file.name)", deadline) { (count) throws(ImpRAGError) in
                    done += count
                    try progress(done, checkpoint.byteCount)
                }
            }
            try DurableFile.syncDirectory(of: fresh + "/CURRENT")
            try DurableFile.rename(fresh, to: path)
        } catch {
            try? removeDirectory(fresh)
            throw error
        }
    }

    /// Reads every file of the checkpoint that `manifest` names for a partition.
    ///
    /// - Throws: `dataLoss`, naming the object, when one is missing or not what was written, or another collection's.
    public func verifyCheckpoint(
        _ partition: Int, of manifest: IndexManifest, deadline: Deadline
    ) throws(ImpRAGError) {
        let epoch = manifest.partitions[partition].checkpoint
        let checkpoint = try checkpoint(partition: partition, epoch: epoch, deadline: deadline)
        guard checkpoint.collection == manifest.collection else {
            throw ImpRAGError(
                .dataLoss,
                "the checkpoint of partition \(partition) at epoch \(epoch) in \(store.name) is of the collection "
                    + "\(checkpoint.collection), and the manifest of \(manifest.collection)")
        }
        for file in checkpoint.files {
            let key = try CollectionKey.checkpoint(partition: partition, epoch: epoch, file.objectName)
            try read(file, key, deadline) { _ throws(ImpRAGError) in }
        }
    }

    // MARK: Private

    /// Brings one file to the disk.
    ///
    /// - Parameter step: gets the numbers of bytes that have been checked.
    private func bring(
        _ file: Checkpoint.File, _ key: ObjectKey, to path: String, _ deadline: Deadline,
        step: (Int) throws(ImpRAGError) -> Void
    ) throws(ImpRAGError) {
        guard file.isFinal else {
            // Not by `download`, which may lend the store's own file: RocksDB will write to this one.
            let copy = try OutputFile(path: path)
            try read(file, key, deadline) { (bytes) throws(ImpRAGError) in
                try copy.write(bytes)
                try step(bytes.count)
            }
            return try copy.synchronize()
        }
        guard try store.download(key, to: path, deadline: deadline) else { throw missing(key) }
        let copy = try MappedFile(path: path)
        guard copy.count == file.bytes else { throw wrong(key, "has \(copy.count) bytes", file) }
        var hash = SHA256()
        for first in stride(from: 0, to: copy.count, by: Checkpoint.pieceBytes) {
            let piece = first..<min(first + Checkpoint.pieceBytes, copy.count)
            copy.withBytes(in: piece) { hash.update($0) }
            copy.release(piece)
            try step(piece.count)
        }
        let found = hexadecimal(hash.finish())
        guard found == file.sha256 else { throw wrong(key, "has the SHA-256 \(found)", file) }
    }

    /// Lends the bytes of an object to `body`, in pieces, and throws `dataLoss` after the last when they are not those
    /// that were written.
    func read(
        _ file: Checkpoint.File, _ key: ObjectKey, _ deadline: Deadline,
        _ body: ([UInt8]) throws(ImpRAGError) -> Void
    ) throws(ImpRAGError) {
        var hash = SHA256()
        var first = 0
        repeat {
            guard let part = try store.read(key, first..<(first + Checkpoint.pieceBytes), deadline: deadline) else {
                throw missing(key)
            }
            guard part.size == file.bytes, part.bytes.count == min(Checkpoint.pieceBytes, file.bytes - first) else {
                throw wrong(key, "has \(part.size) bytes", file)
            }
            hash.update(part.bytes)
            try body(part.bytes)
            first += part.bytes.count
        } while first < file.bytes
        let found = hexadecimal(hash.finish())
        guard found == file.sha256 else { throw wrong(key, "has the SHA-256 \(found)", file) }
    }

    private func makeDirectory(_ path: String) throws(ImpRAGError) {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw ImpRAGError(.unavailable, "the directory \(path) cannot be made", cause: error)
        }
    }

    private func missing(_ key: ObjectKey) -> ImpRAGError {
        ImpRAGError(.dataLoss, "\(place(of: key)) is missing")
    }

    private func wrong(_ key: ObjectKey, _ what: String, _ file: Checkpoint.File) -> ImpRAGError {
        ImpRAGError(
            .dataLoss,
            "\(place(of: key)) is damaged: it \(what), and \(file.bytes) bytes with the SHA-256 \(file.sha256) were written"
        )
    }
}
