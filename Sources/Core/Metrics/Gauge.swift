import Synchronization

/// A number that goes up and down; the last value set. Any thread may set it, without a lock.
public final class Gauge: Sendable {
    private let bits = Atomic(Double.zero.bitPattern)

    public init() {}

    public func set(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }

    public func set(_ value: Int) { set(Double(value)) }

    public func set(_ value: ByteCount) { set(Double(value.bytes)) }

    public var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }
}
