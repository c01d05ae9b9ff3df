/// A number of bytes that prints with a unit.
public struct ByteCount: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let bytes: Int

    public init(_ bytes: Int) {
        self.bytes = bytes
    }

    /// Parses a text such as `1.5 GiB`: a number, a space, a unit, at least 1 byte. Nil for any other.
    public init?(_ text: String) {
        let units = ["B": 1.0, "KiB": 1024.0, "MiB": 1_048_576.0, "GiB": 1_073_741_824.0, "TiB": 1_099_511_627_776.0]
        let parts = text.split(separator: " ")
        guard parts.count == 2, let number = Double(parts[0]), let unit = units[String(parts[1])] else { return nil }
        let bytes = number * unit
        guard bytes >= 1, bytes < 9e18 else { return nil }
        self.bytes = Int(bytes)
    }

    /// The product of `factors`, saturating.
    public static func product(_ factors: Int...) -> ByteCount {
        var product = 1
        for factor in factors {
            let (next, overflow) = product.multipliedReportingOverflow(by: factor)
            if overflow { return ByteCount(.max) }
            product = next
        }
        return ByteCount(product)
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
