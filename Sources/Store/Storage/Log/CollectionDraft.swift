// draft.json, a ChecksummedFile: the collection that is being made in a place that has no manifest yet. It goes once
// there is one.

internal import Core
internal import ObjectStore

/// What is being made of which collection: by it a run goes on that was stopped, and nobody else's work is taken for
/// one's own.
struct CollectionDraft: Equatable, Codable {
    static let currentFormat = 1

    var format = currentFormat
    /// `CollectionID` of the new one.
    var collection: String
    /// `CollectionID` of the one that it is made of.
    var source: String
    /// Its epoch.
    var epoch: Int
    /// Of the new one, where it gets other partitions than the source has.
    var partitionCount: Int?
    /// Then: the size of its codes, where it was chosen.
    var codeBytes: Int?
    /// Then: those of them that are complete.
    var finished: [Int: IndexManifest.Partition]?

    /// A new one.
    ///
    /// - Parameters:
    ///   - partitionCount: nil for as many as the source has.
    ///   - codeBytes: nil for as many as the source's codes have.
    init(of source: CollectionID, at epoch: Int, partitionCount: Int? = nil, codeBytes: Int? = nil) {
        collection = CollectionID.random().description
        self.source = source.description
        (self.epoch, self.partitionCount, self.codeBytes) = (epoch, partitionCount, codeBytes)
    }

    /// The draft in the store; nil when there is none.
    static func read(
        from target: StoredCollection, deadline: Deadline
    ) throws(ImpRAGError) -> (draft: CollectionDraft, version: ObjectVersion)? {
        let key = try CollectionKey.draft
        let object = try target.store.get(key, limit: ChecksummedFile.limitBytes, deadline: deadline)
        guard let object else { return nil }
        let remedy = "delete what is there with `imprag collections delete`, and begin again"
        do throws(ImpRAGError) {
            let draft = try ChecksummedFile.value(
                CollectionDraft.self, from: object.bytes, named: target.place(of: key), format: currentFormat,
                remedy: remedy)
            return (draft, object.version)
        } catch {
            throw ImpRAGError(.dataLoss, "\(target.place(of: key)) is damaged; \(remedy)", cause: error)
        }
    }

    /// Adds partitions that are complete.
    ///
    /// - Throws: `failedPrecondition` when another collection is being made there by now.
    static func add(
        _ partitions: [Int: IndexManifest.Partition], to collection: CollectionID, in target: StoredCollection,
        deadline: Deadline
    ) throws(ImpRAGError) {
        let key = try CollectionKey.draft
        while true {
            let found = try read(from: target, deadline: deadline)
            guard let found, found.draft.collection == collection.description else {
                throw ImpRAGError(
                    .failedPrecondition, "another run has taken \(target.store.name) over; nothing was completed here")
            }
            var draft = found.draft
            draft.finished = (draft.finished ?? [:]).merging(partitions) { $1 }
            let bytes = try ChecksummedFile.bytes(of: draft, as: target.place(of: key))
            let outcome = try target.store.put(bytes, as: key, if: .version(found.version), deadline: deadline)
            if case .stored = outcome { return }
        }
    }

    /// The collection, where an earlier run has made it whole and was stopped before it deleted the draft; nil where
    /// there is none.
    ///
    /// - Throws: as the store.
    func complete(in target: StoredCollection, deadline: Deadline) throws(ImpRAGError) -> StoredManifest? {
        guard let there = try Self.read(from: target, deadline: deadline)?.draft, there.source == source,
            there.epoch == epoch, there.differences(from: self).isEmpty,
            let stored = try target.manifestIfThere(deadline: deadline),
            stored.manifest.collection == there.collection
        else { return nil }
        try target.store.delete(CollectionKey.draft, deadline: deadline)
        return stored
    }

    /// Writes the manifest of a collection whose partitions are all there: from then on it exists, and the draft goes.
    ///
    /// - Parameter files: the list of the corpus's files, where it stands in an object of its own.
    static func finish(
        _ manifest: IndexManifest, in target: StoredCollection, with files: [UInt8]?, deadline: Deadline
    ) throws(ImpRAGError) -> StoredManifest {
        var manifest = manifest
        // Passages' states are a cache, and not copied; those of this codec cannot be made anew without their
        // codebooks.
        if manifest.states?.codec == StateCodec.pq.rawValue { manifest.states = nil }
        if let files { _ = try target.store.put(files, as: CollectionKey.corpus, if: .always, deadline: deadline) }
        try target.removeLeftovers(of: manifest, deadline: deadline)
        let new = try target.write(manifest, deadline: deadline)
        try target.store.delete(CollectionKey.draft, deadline: deadline)
        return new
    }

    /// How this one, which is there, differs from what is to be made, a phrase each; the epoch is no difference.
    private func differences(from new: CollectionDraft) -> [String] {
        var found: [String] = []
        if source != new.source { found.append("it is made of the collection \(source), and now of \(new.source)") }
        func partitions(_ count: Int?) -> String { count.map { "\($0) partitions" } ?? "the source's partitions" }
        if partitionCount != new.partitionCount {
            found.append("it gets \(partitions(partitionCount)), and now \(partitions(new.partitionCount))")
        }
        func codes(_ bytes: Int?) -> String { bytes.map { "of \($0) bytes" } ?? "as in the source" }
        if codeBytes != new.codeBytes {
            found.append("its codes are \(codes(codeBytes)), and now \(codes(new.codeBytes))")
        }
        return found
    }

    /// Throws unless `begin` could begin this collection, or go on with one that is the same. Writes nothing.
    ///
    /// - Throws: `failedPrecondition` when something else is there.
    func check(in target: StoredCollection, deadline: Deadline) throws(ImpRAGError) {
        _ = try there(in: target, deadline: deadline)
    }

    /// What is there already that is the same, of whatever epoch; nil where nothing is.
    private func there(
        in target: StoredCollection, deadline: Deadline
    ) throws(ImpRAGError) -> (draft: CollectionDraft, version: ObjectVersion)? {
        let store = target.store
        guard try store.get(CollectionKey.manifest, limit: ChecksummedFile.limitBytes, deadline: deadline) == nil
        else {
            throw ImpRAGError(
                .failedPrecondition,
                "\(store.name) holds a collection already; delete it first, or choose another place")
        }
        guard let found = try Self.read(from: target, deadline: deadline) else {
            if let other = try store.list("", after: nil, limit: 1, deadline: deadline).first {
                throw ImpRAGError(
                    .failedPrecondition,
                    "\(store.name) is not empty: it holds \(other.key); choose a place of its own for the new collection"
                )
            }
            return nil
        }
        let differences = found.draft.differences(from: self)
        guard differences.isEmpty else {
            throw ImpRAGError(
                .failedPrecondition,
                "\(store.name) holds the beginnings of another collection: \(differences.joined(separator: "; ")). Finish "
                    + "that one with its own command, delete it with `imprag collections delete`, or choose another place"
            )
        }
        return found
    }

    /// Begins this collection in an empty place, or goes on with one that is the same.
    ///
    /// - Returns: the id of the one that is made there.
    /// - Throws: as `check`.
    func begin(in target: StoredCollection, deadline: Deadline) throws(ImpRAGError) -> CollectionID {
        let (key, store) = (try CollectionKey.draft, target.store)
        while true {
            try deadline.check("beginning a collection in \(store.name)")
            let found = try there(in: target, deadline: deadline)
            if let found, found.draft.epoch == epoch, let id = CollectionID(hex: found.draft.collection) { return id }
            // One of another epoch is replaced: its checkpoints have other names, and stay apart.
            let condition = found.map { PutCondition.version($0.version) } ?? .absent
            let bytes = try ChecksummedFile.bytes(of: self, as: target.place(of: key))
            if case .stored = try store.put(bytes, as: key, if: condition, deadline: deadline),
                let id = CollectionID(hex: collection)
            {
                return id
            }
        }
    }
}
