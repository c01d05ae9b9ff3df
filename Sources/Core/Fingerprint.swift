/// SHA-256 over everything that decides what a vector or a state means: weights, boundaries, tokenizer, passage format.
///
/// Vectors and states of different fingerprints must never be combined.
public struct Fingerprint: Hashable, Sendable, CustomStringConvertible {
    /// 32 bytes.
    public let bytes: [UInt8]

    /// Nil unless `bytes` are exactly 32.
    public init?(bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        self.bytes = bytes
    }

    /// Nil unless `hex` is 64 hexadecimal digits.
    public init?(hex: String) {
        guard let bytes = Core.bytes(hexadecimal: hex) else { return nil }
        self.init(bytes: bytes)
    }

    /// 64 lowercase hexadecimal digits.
    public var description: String { hexadecimal(bytes) }

    /// The first 12 digits, for tables and logs.
    public var short: String { String(description.prefix(12)) }

    /// Throws `failedPrecondition` with both fingerprints when `other`, found in `place`, is not this one.
    public func require(_ other: Fingerprint, in place: String) throws(ImpRAGError) {
        guard other == self else {
            throw ImpRAGError(
                .failedPrecondition,
                "\(place) belongs to the model \(other), but this node runs \(self); index again with this model, or use that one"
            )
        }
    }
}
