/// Names one update for good: 16 random bytes that a client draws, and sends again with each repetition. Whoever finds
/// it in a collection's log commits the update no second time.
public struct UpdateKey: Hashable, Sendable, CustomStringConvertible {
    public static let byteCount = 16

    /// 16 bytes.
    public let bytes: [UInt8]

    /// Nil unless `bytes` are exactly 16, and not all zero: a segment writes that for none.
    public init?(bytes: [UInt8]) {
        guard bytes.count == Self.byteCount, bytes.contains(where: { $0 != 0 }) else { return nil }
        self.bytes = bytes
    }

    private init(random bytes: [UInt8]) { self.bytes = bytes }

    public static func random() -> UpdateKey {
        // A first byte that is not 0 keeps it from being none.
        UpdateKey(random: [UInt8.random(in: 1...255)] + (1..<byteCount).map { _ in UInt8.random(in: 0...255) })
    }

    /// 32 lowercase hexadecimal digits.
    public var description: String { hexadecimal(bytes) }
}
