public import Core

/// Where collections are kept for good: named objects that are written as a whole, with the two conditions on writing
/// that agreement between many writers needs.
///
/// - All calls block, until their deadline at most. Any thread may call.
/// - What a write has returned is durable, and every read that begins later sees it.
/// - Errors: `unavailable` and `deadlineExceeded` may leave a write done or not; writing the same bytes again is always
///   right. `resourceExhausted` when there is no room or an object is larger than the caller takes, `permissionDenied`
///   and `unauthenticated` when the store refuses the caller, `dataLoss` when it contradicts itself.
public protocol ObjectStore: Sendable {
    /// As messages call it: a path, or `s3://BUCKET/PREFIX`.
    var name: String { get }

    /// What may still be written; nil where the store does not say, or knows no bounds.
    var availableSpace: ByteCount? { get }

    /// The whole object; nil where there is none.
    ///
    /// - Parameter limit: bytes that are taken; a larger object is refused.
    func get(_ key: ObjectKey, limit: Int, deadline: Deadline) throws(ImpRAGError) -> StoredObject?

    /// The bytes of an object in `range`, as far as it has them; nil where there is no object.
    func read(_ key: ObjectKey, _ range: Range<Int>, deadline: Deadline) throws(ImpRAGError) -> ObjectPart?

    /// Writes an object, if `condition` holds.
    ///
    /// With a condition at most `conditionalLimit` bytes: what is there has to be compared.
    ///
    /// Bytes that stand there already count as written by this call, since a writer that was cut off asks again:
    /// writers that must tell themselves apart write different bytes.
    func put(
        _ bytes: [UInt8], as key: ObjectKey, if condition: PutCondition, deadline: Deadline
    ) throws(ImpRAGError) -> PutOutcome

    /// Copies the file at `path`, of any size, into the object `key`, in place of what was there. The file must not
    /// change any more: a store on the same disk may take it over instead of copying it.
    func upload(_ path: String, as key: ObjectKey, deadline: Deadline) throws(ImpRAGError)

    /// Copies an object, of any size, into a new file at `path`. The file must not be changed. False where there is no
    /// object.
    func download(_ key: ObjectKey, to path: String, deadline: Deadline) throws(ImpRAGError) -> Bool

    /// The first `limit` objects whose keys begin with `prefix` and come after `after`, in the order of the keys'
    /// bytes; fewer when there are no more. (Between a folder and a key that begins with the folder's name, stores
    /// order differently.)
    func list(
        _ prefix: String, after: ObjectKey?, limit: Int, deadline: Deadline
    ) throws(ImpRAGError) -> [ListedObject]

    /// Deletes an object, if there is one.
    func delete(_ key: ObjectKey, deadline: Deadline) throws(ImpRAGError)

    /// Deletes what is left of uploads of objects whose keys begin with `prefix` that were begun longer ago than `age`
    /// and not finished, because their processes were killed: no listing shows it.
    ///
    /// - Returns: how many; 0 where an upload leaves nothing.
    func removeUploads(_ prefix: String, olderThan age: Duration, deadline: Deadline) throws(ImpRAGError) -> Int
}

extension ObjectStore {
    public var availableSpace: ByteCount? { nil }

    public func removeUploads(
        _ prefix: String, olderThan age: Duration, deadline: Deadline
    ) throws(ImpRAGError) -> Int { 0 }
}

/// Bytes of an object that is written under a condition.
public let conditionalLimit = 256 << 20

/// Throws `invalidArgument` where `put` may not write so much.
func check(_ bytes: [UInt8], as key: ObjectKey, if condition: PutCondition) throws(ImpRAGError) {
    guard condition == .always || bytes.count <= conditionalLimit else {
        throw ImpRAGError(
            .invalidArgument,
            "\(key) has \(ByteCount(bytes.count)); under a condition at most \(ByteCount(conditionalLimit)) are written"
        )
    }
}

/// An object, and which of its versions this is.
public struct StoredObject: Hashable, Sendable {
    public let bytes: [UInt8]
    public let version: ObjectVersion

    public init(bytes: [UInt8], version: ObjectVersion) {
        self.bytes = bytes
        self.version = version
    }
}

/// A piece of an object.
public struct ObjectPart: Hashable, Sendable {
    public let bytes: [UInt8]
    /// Of the whole object, in bytes.
    public let size: Int

    public init(bytes: [UInt8], size: Int) {
        self.bytes = bytes
        self.size = size
    }
}

public struct ListedObject: Hashable, Sendable {
    public let key: ObjectKey
    /// Bytes.
    public let size: Int

    public init(key: ObjectKey, size: Int) {
        self.key = key
        self.size = size
    }
}

/// Names one content of an object; only the store that made it knows what it means.
public struct ObjectVersion: Hashable, Sendable {
    let tag: String

    /// - Parameter tag: differs from those of the object's other contents; what it says is up to the store.
    public init(_ tag: String) {
        self.tag = tag
    }
}

public enum PutCondition: Hashable, Sendable {
    /// None: what was there is replaced.
    case always
    /// There is no such object.
    case absent
    /// The object is still that version.
    case version(ObjectVersion)
}

public enum PutOutcome: Hashable, Sendable {
    case stored(ObjectVersion)
    /// The condition did not hold. With what is there now; nil where nothing is.
    case lost(to: StoredObject?)
}
