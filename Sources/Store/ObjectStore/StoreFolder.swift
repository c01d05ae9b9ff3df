public import Core

/// The objects of a store whose keys begin with a folder, as a store of their own.
public struct StoreFolder: ObjectStore {
    private let base: any ObjectStore
    /// Ends with `/`.
    private let prefix: String

    /// - Parameter folder: as an object's key, without `/` at its end.
    public init(_ folder: String, of base: any ObjectStore) throws(ImpRAGError) {
        prefix = try ObjectKey(folder).text + "/"
        self.base = base
    }

    public var name: String { base.name + (base.name.hasSuffix("/") ? "" : "/") + prefix.dropLast() }

    public var availableSpace: ByteCount? { base.availableSpace }

    private func full(_ key: ObjectKey) throws(ImpRAGError) -> ObjectKey { try ObjectKey(prefix + key.text) }

    public func get(_ key: ObjectKey, limit: Int, deadline: Deadline) throws(ImpRAGError) -> StoredObject? {
        try base.get(full(key), limit: limit, deadline: deadline)
    }

    public func read(_ key: ObjectKey, _ range: Range<Int>, deadline: Deadline) throws(ImpRAGError) -> ObjectPart? {
        try base.read(full(key), range, deadline: deadline)
    }

    public func put(
        _ bytes: [UInt8], as key: ObjectKey, if condition: PutCondition, deadline: Deadline
    ) throws(ImpRAGError) -> PutOutcome {
        try base.put(bytes, as: full(key), if: condition, deadline: deadline)
    }

    public func upload(_ path: String, as key: ObjectKey, deadline: Deadline) throws(ImpRAGError) {
        try base.upload(path, as: full(key), deadline: deadline)
    }

    public func download(_ key: ObjectKey, to path: String, deadline: Deadline) throws(ImpRAGError) -> Bool {
        try base.download(full(key), to: path, deadline: deadline)
    }

    public func list(
        _ prefix: String, after: ObjectKey?, limit: Int, deadline: Deadline
    ) throws(ImpRAGError) -> [ListedObject] {
        let last = try after.map { key throws(ImpRAGError) in try full(key) }
        var found: [ListedObject] = []
        for object in try base.list(self.prefix + prefix, after: last, limit: limit, deadline: deadline) {
            let key = try ObjectKey(String(object.key.text.dropFirst(self.prefix.count)))
            found.append(ListedObject(key: key, size: object.size))
        }
        return found
    }

    public func delete(_ key: ObjectKey, deadline: Deadline) throws(ImpRAGError) {
        try base.delete(full(key), deadline: deadline)
    }

    public func removeUploads(
        _ prefix: String, olderThan age: Duration, deadline: Deadline
    ) throws(ImpRAGError) -> Int {
        try base.removeUploads(self.prefix + prefix, olderThan: age, deadline: deadline)
    }
}
