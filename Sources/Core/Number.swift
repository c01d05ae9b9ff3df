/// A number of a passage's metadata or of a filter: every whole number of 64 bits exactly, everything else as a double.
///
/// Both kinds are compared by their values: 2 equals 2.0, and 2⁵³ + 1 lies between 2⁵³ and the next double.
public struct Number: Hashable, Comparable, Sendable, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral {
    /// The nearest double. Rounding is monotonic, so numbers are ordered by it and, on a tie, by the remainder.
    public let nearest: Double
    /// The value minus `nearest`: 0 except for whole numbers beyond 2⁵³ that no double equals; -512 to 512.
    public let remainder: Int

    public init(_ value: Double) {
        nearest = value
        remainder = 0
    }

    public init(_ value: Int64) {
        nearest = Double(value)
        // 128 bits: the nearest double of the largest is 2⁶³.
        remainder = Int(Int128(value) - Int128(nearest))
    }

    public init(integerLiteral value: Int64) {
        self.init(value)
    }

    public init(floatLiteral value: Double) {
        self.init(value)
    }

    public var isFinite: Bool { nearest.isFinite }

    /// The value if it is a whole number of 64 bits.
    public var integer: Int64? {
        if let whole = Int128(exactly: nearest) { Int64(exactly: whole + Int128(remainder)) } else { nil }
    }

    /// The value if it is a whole number that no double equals, which cannot be sent or stored as one.
    public var onlyInteger: Int64? { remainder == 0 ? nil : integer }

    public static func < (left: Number, right: Number) -> Bool {
        (left.nearest, left.remainder) < (right.nearest, right.remainder)
    }
}

extension Number: CustomStringConvertible {
    /// As in JSON: a whole number of 64 bits without a point.
    public var description: String { integer.map { String($0) } ?? nearest.description }
}

extension Number {
    /// Reads a number from `value`.
    ///
    /// - Throws: `JSONProblem` for anything else, and for numbers that would lose digits.
    public init(json value: JSONValue) throws(JSONProblem) {
        switch value {
        case .integer(let whole): self.init(Int64(whole))
        case .number(let double): self.init(double)
        case .digits(let text):
            let double = Double(text) ?? .infinity
            let isWhole = text.utf8.allSatisfy { $0 == UInt8(ascii: "-") || (0x30...0x39).contains($0) }
            guard !isWhole, !(0x1p53..<0x1p63).contains(double.magnitude) else {
                throw JSONProblem(
                    "is \(text), of which digits would be lost; whole numbers from -2^63 to 2^63 - 1, written without a point or an "
                        + "exponent, are kept exactly")
            }
            self.init(double)
        default: throw JSONProblem("must be a number")
        }
    }
}
