public import Core
public import ObjectStore

/// A collection as a list shows it.
public struct ListedCollection: Sendable {
    public struct Figures: Sendable {
        public let manifest: IndexManifest
        /// The newest epoch in its log.
        public let epoch: Int
        /// Of its checkpoints and its log.
        public let bytes: Int
    }

    /// Its place in the store; empty for the store itself.
    public let name: String
    /// What is wrong with it, where its manifest or its log cannot be read.
    public let figures: Result<Figures, ImpRAGError>
}

/// Finds the collections of a store.
public struct CollectionList {
    private let store: any ObjectStore
    private let deadline: Deadline

    /// Objects that a look at the store brings: most looks end where a folder is passed over.
    private static let pageCount = 200
    private static let manifestName = "manifest.json"

    public init(_ store: any ObjectStore, deadline: Deadline) {
        self.store = store
        self.deadline = deadline
    }

    /// The collections whose manifests lie in the store, however deep, in the order of their names.
    ///
    /// - Throws: what the store throws.
    public func collections() throws(ImpRAGError) -> [ListedCollection] {
        var names: [String] = []
        var last: ObjectKey?
        search: while true {
            let page = try store.list("", after: last, limit: Self.pageCount, deadline: deadline)
            for object in page {
                let words = object.key.text.split(separator: "/")
                if words.last == Self.manifestName[...] { names.append(words.dropLast().joined(separator: "/")) }
                if let next = Self.end(ofFolderIn: words) {
                    last = try ObjectKey(next)
                    continue search
                }
                last = object.key
            }
            guard page.count == Self.pageCount else { break }
        }
        var found: [ListedCollection] = []
        for name in names.sorted() {
            if let collection = try figures(name) { found.append(collection) }
        }
        return found
    }

    /// A key behind all others of the folder of checkpoints, of the log or of a replica that holds `words`; nil when
    /// they are in none. There may be a million of those, and no manifest.
    private static func end(ofFolderIn words: [Substring]) -> String? {
        let place = words.dropLast().firstIndex { word in
            [CollectionKey.checkpointPrefix, CollectionKey.logPrefix, CollectionKey.claimPrefix].contains(word + "/")
                || word.hasPrefix(IndexDirectory.partitionPrefix)
        }
        // "0" is the character behind "/".
        return place.map { words[...$0].joined(separator: "/") + "0" }
    }

    /// Nil for a place whose manifest is no collection's.
    private func figures(_ name: String) throws(ImpRAGError) -> ListedCollection? {
        let collection = StoredCollection(name.isEmpty ? store : try StoreFolder(name, of: store))
        do throws(ImpRAGError) {
            let stored = try collection.manifest(deadline: deadline)
            let epoch = try CollectionLog(collection, stored).head(deadline: deadline)
            let bytes = try collection.collectionObjects(deadline).reduce(0) { $0 + $1.size }
            return ListedCollection(
                name: name,
                figures: .success(.init(manifest: stored.manifest, epoch: epoch, bytes: bytes)))
        } catch {
            // Deleted in between.
            if error.code == .notFound { return nil }
            guard [.dataLoss, .failedPrecondition, .invalidArgument].contains(error.code) else { throw error }
            // Many programs have a manifest.json.
            let checkpoints = try collection.store.list(
                CollectionKey.checkpointPrefix, after: nil, limit: 1, deadline: deadline)
            guard let first = checkpoints.first, CollectionKey.isCollection(first.key) else { return nil }
            return ListedCollection(name: name, figures: .failure(error))
        }
    }
}
