/// A block of the vector index: bytes that only the index understands.
public struct IndexBlock: Sendable {
    public var key: IndexBlockKey
    public var bytes: [UInt8]

    public init(key: IndexBlockKey, bytes: [UInt8]) {
        self.key = key
        self.bytes = bytes
    }
}
