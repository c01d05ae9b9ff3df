public import Core

/// A store whose calls each end within a time of their own, for long work that has no deadline: a service that is away
/// then ends the work with an error instead of holding it up for good.
public struct BoundedStore: ObjectStore {
    private let base: any ObjectStore
    private let milliseconds: Int
    private let fileMilliseconds: Int

    /// - Parameters:
    ///   - milliseconds: for one call.
    ///   - fileMilliseconds: for an upload or a download, whose file may have hundreds of megabytes.
    public init(_ base: any ObjectStore, milliseconds: Int = 120_000, fileMilliseconds: Int = 3_600_000) {
        self.base = base
        self.milliseconds = milliseconds
        self.fileMilliseconds = fileMilliseconds
    }

    public var name: String { base.name }

    public var availableSpace: ByteCount? { base.availableSpace }

    public func get(_ key: ObjectKey, limit: Int, deadline: Deadline) throws(ImpRAGError) -> StoredObject? {
        try base.get(key, limit: limit, deadline: deadline.within(milliseconds: milliseconds))
    }

    public func read(_ key: ObjectKey, _ range: Range<Int>, deadline: Deadline) throws(ImpRAGError) -> ObjectPart? {
        try base.read(key, range, deadline: deadline.within(milliseconds: milliseconds))
    }

    public func put(
        _ bytes: [UInt8], as key: ObjectKey, if condition: PutCondition, deadline: Deadline
    ) throws(ImpRAGError) -> PutOutcome {
        try base.put(bytes, as: key, if: condition, deadline: deadline.within(milliseconds: milliseconds))
    }

    public func upload(_ path: String, as key: ObjectKey, deadline: Deadline) throws(ImpRAGError) {
        try base.upload(path, as: key, deadline: deadline.within(milliseconds: fileMilliseconds))
    }

    public func download(_ key: ObjectKey, to path: String, deadline: Deadline) throws(ImpRAGError) -> Bool {
        try base.download(key, to: path, deadline: deadline.within(milliseconds: fileMilliseconds))
    }

    public func list(
        _ prefix: String, after: ObjectKey?, limit: Int, deadline: Deadline
    ) throws(ImpRAGError) -> [ListedObject] {
        try base.list(prefix, after: after, limit: limit, deadline: deadline.within(milliseconds: milliseconds))
    }

    public func delete(_ key: ObjectKey, deadline: Deadline) throws(ImpRAGError) {
        try base.delete(key, deadline: deadline.within(milliseconds: milliseconds))
    }

    public func removeUploads(
        _ prefix: String, olderThan age: Duration, deadline: Deadline
    ) throws(ImpRAGError) -> Int {
        try base.removeUploads(prefix, olderThan: age, deadline: deadline.within(milliseconds: milliseconds))
    }
}
