public import Core
public import ObjectStore

/// An index with its log and its checkpoints, as objects of a store: everything that must not be lost.
public struct StoredCollection: Sendable {
    public let store: any ObjectStore

    /// - Parameter store: rooted at the collection.
    public init(_ store: any ObjectStore) {
        self.store = store
    }

    /// What messages call the object `key`.
    func place(of key: ObjectKey) -> String {
        store.name.hasSuffix("/") ? "\(store.name)\(key)" : "\(store.name)/\(key)"
    }

    // MARK: The manifest

    /// The manifest as it is now.
    ///
    /// - Parameter expected: the fingerprint of the model that the caller runs; nil accepts any.
    /// - Throws: `notFound` when there is none, `failedPrecondition` for another format or model, `dataLoss` when it is
    ///   damaged, and as the store.
    public func manifest(
        expecting expected: Fingerprint? = nil, deadline: Deadline
    ) throws(ImpRAGError) -> StoredManifest {
        let found = try manifest(after: nil, deadline)
        try expected?.require(found.identity.fingerprint, in: "the collection in \(store.name)")
        return found
    }

    /// The manifest as it is now; nil when there is none.
    ///
    /// - Throws: as `manifest`.
    func manifestIfThere(deadline: Deadline) throws(ImpRAGError) -> StoredManifest? {
        do throws(ImpRAGError) {
            return try manifest(deadline: deadline)
        } catch {
            guard error.code == .notFound else { throw error }
            return nil
        }
    }

    /// The manifest as it is now: `known` if that still stands there. Its bytes are read in any case, but decoding them
    /// takes much longer where a corpus had many files.
    func manifest(after known: StoredManifest?, _ deadline: Deadline) throws(ImpRAGError) -> StoredManifest {
        let key = try CollectionKey.manifest
        let object = try store.get(key, limit: ChecksummedFile.limitBytes, deadline: deadline)
        guard let object else {
            throw ImpRAGError(
                .notFound, "there is no collection in \(store.name): \(key) is missing; make one with `imprag index`")
        }
        if let known, known.version == object.version { return known }
        let manifest = try ChecksummedFile.value(
            IndexManifest.self, from: object.bytes, named: place(of: key), format: IndexManifest.currentFormat,
            oldest: IndexManifest.formats.lowerBound,
            remedy: "index the corpus again, with `imprag index --force` or into another directory")
        return try StoredManifest(manifest, version: object.version, in: place(of: key))
    }

    /// Writes the first manifest: from then on the collection exists.
    ///
    /// - Throws: `failedPrecondition` when there is one already, `invalidArgument` when `manifest` makes no sense, and
    ///   as the store.
    @discardableResult
    public func write(_ manifest: IndexManifest, deadline: Deadline) throws(ImpRAGError) -> StoredManifest {
        guard let stored = try put(manifest, if: .absent, deadline) else {
            throw ImpRAGError(
                .failedPrecondition,
                "\(store.name) holds a collection already; delete it first, or choose another place")
        }
        return stored
    }

    /// Replaces the manifest by `new`, if it is still `old`; nil when another writer was faster. Of two that write the
    /// very same, both succeed: a change should name what it makes, and not count.
    ///
    /// - Throws: `invalidArgument` when `new` makes no sense, and as the store.
    public func replace(
        _ old: StoredManifest, by new: IndexManifest, deadline: Deadline
    ) throws(ImpRAGError) -> StoredManifest? {
        try put(new, if: .version(old.version), deadline)
    }

    /// Changes the manifest, whoever else does at the same time.
    ///
    /// - Parameter change: gets the current manifest, again whenever another writer was faster. Where it leaves all as
    ///   it is, nothing is written.
    /// - Throws: what `change` throws, and as `manifest` and `replace`; after `unavailable` and `deadlineExceeded` the
    ///   change may be made or not.
    public func update(
        deadline: Deadline, _ change: (inout IndexManifest) throws(ImpRAGError) -> Void
    ) throws(ImpRAGError) -> StoredManifest {
        var known: StoredManifest?
        while true {
            try deadline.check("changing the manifest in \(store.name)")
            let old = try manifest(after: known, deadline)
            var new = old.manifest
            try change(&new)
            if new == old.manifest { return old }
            if let stored = try replace(old, by: new, deadline: deadline) { return stored }
            known = old
        }
    }

    private func put(
        _ manifest: IndexManifest, if condition: PutCondition, _ deadline: Deadline
    ) throws(ImpRAGError) -> StoredManifest? {
        var manifest = manifest
        manifest.format = IndexManifest.currentFormat
        let key = try CollectionKey.manifest
        do throws(ImpRAGError) {
            _ = try StoredManifest.identity(of: manifest)
        } catch {
            throw ImpRAGError(.invalidArgument, "\(place(of: key)) cannot be written: \(error.message)")
        }
        let bytes = try ChecksummedFile.bytes(of: manifest, as: place(of: key))
        switch try store.put(bytes, as: key, if: condition, deadline: deadline) {
        case .stored(let version): return try StoredManifest(manifest, version: version, in: place(of: key))
        case .lost: return nil
        }
    }
}
