/// A number of a passage's metadata or of a filter: every whole number of 64 bits exactly, everything else as a double.
///
/// Both kinds are compared by their values: 2 equals 2.0, and 2⁵³ + 1 lies between 2⁵³ and the next double.
public struct Number: Hashable, Comparable, Sendable, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral {
    /// The nearest double. Rounding keeps the order, so that numbers are ordered by it and, where it is the same, by
    /// the rest.
    public let nearest: Double
    /// What has to be added to `nearest`: 0 but for whole numbers beyond 2⁵³ that no double is; -512 to 512.
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

    /// The value where it is a whole number of 64 bits.
    public var integer: Int64? {
        if let whole = Int128(exactly: nearest) { Int64(exactly: whole + Int128(remainder)) } else { nil }
    }

    /// The value where it is a whole number that no double is: what cannot be sent or stored as one.
    public var onlyInteger: Int64? { remainder == 0 ? nil : integer }

    public static func < (left: Number, right: Number) -> Bool {
        (left.nearest, left.remainder) < (right.nearest, right.remainder)
    }
}

extension Number: CustomStringConvertible {
    /// As JSON has it: a whole number of 64 bits without a point.
    public var description: String { integer.map { String($0) } ?? nearest.description }
}

extension Number {
    /// The number that `value` is.
    ///
    /// - Throws: `JSONProblem` for what is no number, and for numbers of which digits would be lost.
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
