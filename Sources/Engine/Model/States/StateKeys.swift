public import Core
import Platform

/// The key of one sequence's states: SHA-256 over what determines their bytes. The model is left out: its fingerprint
/// goes with every message and stands in every store.
///
/// - Parameter coder: what rounds and encodes them; nil for states as they were computed, which are never stored.
public func stateKey(of sequence: PassageSequence, coder: StateCoder?) -> StateKey {
    var hash = SHA256()
    hash.update(Array("imprag passage state 3, \(coder?.name ?? "none"), position \(sequence.firstPosition)\n".utf8))
    var bytes: [UInt8] = []
    bytes.reserveCapacity(4 * sequence.tokens.count)
    for token in sequence.tokens {
        for shift in [0, 8, 16, 24] { bytes.append(UInt8(truncatingIfNeeded: token >> Int32(shift))) }
    }
    hash.update(bytes)
    guard let key = StateKey(bytes: hash.finish()) else { preconditionFailure("SHA-256 did not give 32 bytes") }
    return key
}
