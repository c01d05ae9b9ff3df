// alias/NAME, beside the collections of a store: a ChecksummedFile that says which of them NAME means.
//
//   {"collection" : "wiki-2", "format" : 1, "checksum" : …}

public import Core
public import ObjectStore

/// A name that stands for a collection.
public struct CollectionAlias: Sendable, Hashable {
    public let name: String
    /// The name of a collection beside it.
    public let collection: String
}

/// The aliases of a store: names for collections in it, each an object of its own that moves by compare-and-swap.
public struct CollectionAliases: Sendable {
    private let store: any ObjectStore

    static let prefix = "alias/"
    private static let nameLimit = 64
    private static let byteLimit = 4096
    /// What a listing brings at once.
    private static let pageCount = 1000

    private struct File: Codable {
        static let currentFormat = 1
        var format = currentFormat
        var collection: String
    }

    /// - Parameter store: the one that the collections lie in.
    public init(_ store: any ObjectStore) {
        self.store = store
    }

    /// The aliases, in the order of their names.
    ///
    /// - Throws: `dataLoss` for one that is damaged, and as the store.
    public func all(deadline: Deadline) throws(ImpRAGError) -> [CollectionAlias] {
        var names: [String] = []
        var last: ObjectKey?
        while true {
            let page = try store.list(Self.prefix, after: last, limit: Self.pageCount, deadline: deadline)
            names += page.map { String($0.key.text.dropFirst(Self.prefix.count)) }.filter(Self.isName)
            guard page.count == Self.pageCount else { break }
            last = page.last?.key
        }
        var found: [CollectionAlias] = []
        for name in names.sorted() {
            guard let collection = try collection(of: name, deadline: deadline) else { continue }
            found.append(CollectionAlias(name: name, collection: collection))
        }
        return found
    }

    /// The name of the collection that `name` stands for; nil when there is no such alias, nor can be.
    ///
    /// - Throws: `dataLoss` when it is damaged, and as the store.
    public func collection(of name: String, deadline: Deadline) throws(ImpRAGError) -> String? {
        guard Self.isName(name) else { return nil }
        return try read(Self.key(name), deadline)?.collection
    }

    /// Lets `name` stand for `collection` from now on.
    ///
    /// - Parameter expected: what it must stand for until now; nil for whatever it does, if anything.
    /// - Returns: what it stood for; nil when it is new.
    /// - Throws: `invalidArgument` for a name that is none, `notFound` when there is no such collection,
    ///   `failedPrecondition` when the alias stands for something else than expected, or another collection has its
    ///   name; and as the store.
    public func set(
        _ name: String, to collection: String, expecting expected: String? = nil, deadline: Deadline
    ) throws(ImpRAGError) -> String? {
        try Self.check(name)
        _ = try StoredCollection(StoreFolder(collection, of: store)).manifest(deadline: deadline)
        guard !collection.contains("/") else {
            throw ImpRAGError(
                .invalidArgument,
                "\(collection) is not right below \(store.name): an alias stands beside its collections")
        }
        let manifest = try ObjectKey("\(name)/manifest.json")
        guard try store.read(manifest, 0..<1, deadline: deadline) == nil else {
            throw ImpRAGError(
                .failedPrecondition, "\(store.name) holds a collection \(name); an alias needs a name of its own")
        }
        let key = try Self.key(name)
        let bytes = try ChecksummedFile.bytes(of: File(collection: collection), as: place(key))
        while true {
            try deadline.check("moving the alias \(name) in \(store.name)")
            let old = try read(key, deadline)
            if let expected, old?.collection != expected {
                throw ImpRAGError(
                    .failedPrecondition,
                    "the alias \(name) in \(store.name) stands for \(old?.collection ?? "nothing"), and not for \(expected)"
                )
            }
            let condition = old.map { PutCondition.version($0.version) } ?? .absent
            guard case .stored = try store.put(bytes, as: key, if: condition, deadline: deadline) else { continue }
            return old?.collection
        }
    }

    /// Takes the alias away, even a damaged one.
    ///
    /// - Throws: `notFound` when there is none, and as the store.
    public func delete(_ name: String, deadline: Deadline) throws(ImpRAGError) {
        try Self.check(name)
        let key = try Self.key(name)
        guard try store.read(key, 0..<1, deadline: deadline) != nil else {
            throw ImpRAGError(.notFound, "there is no alias \(name) in \(store.name)")
        }
        try store.delete(key, deadline: deadline)
    }

    private func read(
        _ key: ObjectKey, _ deadline: Deadline
    ) throws(ImpRAGError) -> (collection: String, version: ObjectVersion)? {
        guard let object = try store.get(key, limit: Self.byteLimit, deadline: deadline) else { return nil }
        let remedy = "delete the alias, and set it again"
        do throws(ImpRAGError) {
            let file = try ChecksummedFile.value(
                File.self, from: object.bytes, named: place(key), format: File.currentFormat, remedy: remedy)
            return (file.collection, object.version)
        } catch {
            throw ImpRAGError(.dataLoss, "\(place(key)) cannot be read; \(remedy)", cause: error)
        }
    }

    private func place(_ key: ObjectKey) -> String {
        store.name.hasSuffix("/") ? "\(store.name)\(key)" : "\(store.name)/\(key)"
    }

    private static func key(_ name: String) throws(ImpRAGError) -> ObjectKey { try ObjectKey(prefix + name) }

    /// Not one that ends as the objects of a collection do which is called `alias`.
    private static func isName(_ name: String) -> Bool {
        name.utf8.count <= nameLimit && !name.contains("/") && !name.hasSuffix(".json")
            && (try? ObjectKey(name)) != nil
    }

    private static func check(_ name: String) throws(ImpRAGError) {
        guard isName(name) else {
            throw ImpRAGError(
                .invalidArgument,
                "\"\(name.prefix(80))\" is no name for an alias: 1 to \(nameLimit) letters, digits, '-', '_' and '.', not ending in "
                    + "\".json\", are right")
        }
    }
}
