public import Core

/// A key that `number` alone decides.
public func numberedStateKey(_ number: Int) -> StateKey {
    let bytes = (0..<32).map { UInt8(truncatingIfNeeded: number >> (8 * ($0 % 8)) + $0 / 8) }
    guard let key = StateKey(bytes: bytes) else { preconditionFailure("32 bytes are a key") }
    return key
}
