/// A number of bytes that prints with a unit.
public struct ByteCount: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let bytes: Int

    public init(_ bytes: Int) {
        self.bytes = bytes
    }

    /// As in `873 B`, `12.4 MiB`, `1.2 GiB`.
    public var description: String {
        let units = ["KiB", "MiB", "GiB", "TiB"]
        guard bytes >= 1024 else { return "\(bytes) B" }
        var unit = 0
        while unit + 1 < units.count, bytes >> (10 * (unit + 2)) > 0 { unit += 1 }
        let size = 1 << (10 * (unit + 1))
        let tenths = (bytes % size * 10 + size / 2) / size
        return "\(bytes / size + tenths / 10).\(tenths % 10) \(units[unit])"
    }

    public static func < (left: ByteCount, right: ByteCount) -> Bool { left.bytes < right.bytes }
}
