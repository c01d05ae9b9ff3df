public import Core
internal import Foundation
internal import ObjectStore
internal import Platform

/// What was or is to be deleted.
public struct DeletedObjects: Sendable, Equatable {
    public var count = 0
    public var bytes = 0
}

extension StoredCollection {
    /// Deletes the collection, or what is left of one that was being made or deleted: the manifest first, so that from
    /// then on there is none and nobody commits to it, then the rest of its objects. Other objects stay.
    ///
    /// - Parameter progress: called before each object; throws to stop, and the same call goes on later.
    /// - Throws: `notFound` when there is neither a collection nor a part of one, and as the store.
    public func delete(
        deadline: Deadline, progress: (DeletedObjects) throws(ImpRAGError) -> Void
    ) throws(ImpRAGError) -> DeletedObjects {
        var deleted = DeletedObjects()
        func delete(_ objects: [ListedObject]) throws(ImpRAGError) {
            for object in objects {
                try progress(deleted)
                try store.delete(object.key, deadline: deadline)
                deleted.count += 1
                deleted.bytes += object.size
            }
        }
        try delete(listed(CollectionKey.manifest, deadline))
        // Listed only now: as long as there was a manifest, there were commits.
        try delete(collectionObjects(deadline))
        // Last: where there is no manifest, it says what the rest is.
        try delete(listed(CollectionKey.draft, deadline))
        guard deleted.count > 0 else {
            throw ImpRAGError(.notFound, "there is no collection in \(store.name): nothing was deleted")
        }
        return deleted
    }

    /// The object, if it is there.
    func listed(_ key: ObjectKey, _ deadline: Deadline) throws(ImpRAGError) -> [ListedObject] {
        guard let size = try store.read(key, 0..<1, deadline: deadline)?.size else { return [] }
        return [ListedObject(key: key, size: size)]
    }

    /// All objects of the collection but its manifest.
    func collectionObjects(_ deadline: Deadline) throws(ImpRAGError) -> [ListedObject] {
        var found: [ListedObject] = []
        found += try listed(CollectionKey.corpus, deadline)
        for prefix in [CollectionKey.checkpointPrefix, CollectionKey.logPrefix, CollectionKey.claimPrefix] {
            try forEachObject(prefix, deadline) { object in
                if CollectionKey.isCollection(object.key) { found.append(object) }
            }
        }
        return found
    }
}

extension IndexDirectory {
    /// Throws `failedPrecondition` when a process writes to a replica in the directory `path`.
    public static func requireUnused(_ path: String) throws(ImpRAGError) {
        for name in try DurableFile.entries(of: path).map(\.name).sorted() where name.hasPrefix(partitionPrefix) {
            guard !FileLock.isHeldByWriter("\(path)/\(name)/LOCK") else {
                throw ImpRAGError(
                    .failedPrecondition,
                    "a node has \(path)/\(name) open; stop the cluster that serves this index first")
            }
        }
    }

    /// Removes the replicas and caches in the directory `path`, whose collection is gone, and the directory itself if
    /// nothing else is in it.
    public static func removeReplicas(in path: String) throws(ImpRAGError) {
        try requireUnused(path)
        for (name, size) in try DurableFile.entries(of: path) where size == nil && name.hasPrefix(partitionPrefix) {
            try removeDirectory("\(path)/\(name)")
        }
        try removeDirectory(codebooksPath(in: path))
        for name in try DurableFile.entries(of: path).map(\.name) where [".new", ".lock", "lock"].contains(name) {
            try removeDirectory("\(path)/\(name)")
        }
        _ = DurableFile.removeEmptyDirectory(path)
    }
}
