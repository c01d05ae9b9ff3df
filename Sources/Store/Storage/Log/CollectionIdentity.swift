public import Core

/// Names a collection for good: 16 random bytes, of which no two collections have the same.
public struct CollectionID: Hashable, Sendable, CustomStringConvertible {
    public static let byteCount = 16

    /// 16 bytes.
    public let bytes: [UInt8]

    /// Nil unless `bytes` are exactly 16.
    public init?(bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        self.bytes = bytes
    }

    /// Nil unless `hex` is 32 hexadecimal digits.
    public init?(hex: String) {
        guard let bytes = Core.bytes(hexadecimal: hex) else { return nil }
        self.init(bytes: bytes)
    }

    private init(random bytes: [UInt8]) { self.bytes = bytes }

    public static func random() -> CollectionID {
        CollectionID(random: (0..<byteCount).map { _ in UInt8.random(in: 0...255) })
    }

    /// 32 lowercase hexadecimal digits.
    public var description: String { hexadecimal(bytes) }
}

/// What all segments of a collection's log, and all views of it, have in common.
public struct CollectionIdentity: Hashable, Sendable {
    public let id: CollectionID
    public let fingerprint: Fingerprint
    /// Numbers of a vector.
    public let dimension: Int
    public let partitionCount: Int

    public init(id: CollectionID, fingerprint: Fingerprint, dimension: Int, partitionCount: Int) {
        self.id = id
        self.fingerprint = fingerprint
        self.dimension = dimension
        self.partitionCount = partitionCount
    }
}

/// How far a view has followed a log: it holds all changes of epochs up to `epoch`, and none of later ones.
public struct LogPosition: Hashable, Sendable {
    public var collection: CollectionID
    public var epoch: Int

    public init(collection: CollectionID, epoch: Int) {
        self.collection = collection
        self.epoch = epoch
    }
}
