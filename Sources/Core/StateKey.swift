/// The key of a stored passage state: SHA-256 over everything that decides its bytes (the passage's tokens, the
/// encoding, the codec). Two states with one key are the same, so a stored one can be unused but never wrong.
///
/// 32 bytes inline, because stores keep the key of each of their states in memory.
public struct StateKey: Hashable, Sendable {
    private let words: SIMD4<UInt64>

    /// Nil unless `bytes` are exactly 32.
    public init?(bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        var words = SIMD4<UInt64>()
        for (place, byte) in bytes.enumerated() { words[place / 8] = words[place / 8] << 8 | UInt64(byte) }
        self.words = words
    }

    /// 32 bytes.
    public var bytes: [UInt8] {
        (0..<32).map { UInt8(truncatingIfNeeded: words[$0 / 8] >> UInt64(56 - 8 * ($0 % 8))) }
    }

    /// A uniform hash of the key, the same on every machine.
    public var number: UInt64 { words[0] }
}
