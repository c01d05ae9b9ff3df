import Core
import TestSupport

/// Filters and metadata at random, and what filters mean, told by going through passages one by one.
enum FilterModel {
    static let fields = ["a", "a\u{0}", "ab", "é", "e\u{301}", "number"]
    static let strings = ["", "a", "ab", "b", "é", "e\u{301}", "\u{0}", String(repeating: "x", count: 1024)]
    static let numbers: [Double] = [
        -.greatestFiniteMagnitude, -1e9, -256, -1, -.leastNonzeroMagnitude, -0.0, 0, .leastNonzeroMagnitude, 0.5, 1,
        1.0.nextUp, 255, 256, 65_536, 1e9, .greatestFiniteMagnitude,
    ]

    /// Neighbours that doubles cannot tell apart, and both ends of 64 bits.
    static let integers: [Int64] = [
        .min, .min + 1, -(1 << 53) - 1, (1 << 53) - 1, 1 << 53, (1 << 53) + 1, (1 << 53) + 2, (1 << 53) + 3,
        1_152_921_504_606_846_975, 1_152_921_504_606_846_976, 1_152_921_504_606_846_977, .max - 1, .max,
    ]

    static func number(_ generator: inout SeededGenerator) -> Number {
        switch Int.random(in: 0..<5, using: &generator) {
        case 0: Number(Double(Int.random(in: -1000...1000, using: &generator)))
        case 1:
            Number(
                Double.random(in: -1...1, using: &generator)
                    * [1e-300, 1, 1e5, 1e300][Int.random(in: 0..<4, using: &generator)])
        case 2: Number(integers[Int.random(in: 0..<integers.count, using: &generator)])
        case 3: Number(Double(integers[Int.random(in: 0..<integers.count, using: &generator)]))
        default: Number(numbers[Int.random(in: 0..<numbers.count, using: &generator)])
        }
    }

    static func string(_ generator: inout SeededGenerator) -> String {
        strings[Int.random(in: 0..<strings.count, using: &generator)]
    }

    static func metadata(_ generator: inout SeededGenerator) -> [ByteString: MetadataValue] {
        var metadata: [ByteString: MetadataValue] = [:]
        for _ in 0..<Int.random(in: 0..<5, using: &generator) {
            let field = fields[Int.random(in: 0..<fields.count, using: &generator)]
            metadata[ByteString(field)] =
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: .string(string(&generator))
                case 1: .number(number(&generator))
                default: .strings((0..<Int.random(in: 0..<4, using: &generator)).map { _ in string(&generator) })
                }
        }
        return metadata
    }

    static func filter(_ generator: inout SeededGenerator, depth: Int = 3) -> Filter {
        let field = fields[Int.random(in: 0..<fields.count, using: &generator)]
        func scalar() -> Filter.Scalar {
            Bool.random(using: &generator) ? .string(string(&generator)) : .number(number(&generator))
        }
        func bound() -> Filter.Bound? {
            guard Int.random(in: 0..<4, using: &generator) > 0 else { return nil }
            return Filter.Bound(number(&generator), isInclusive: Bool.random(using: &generator))
        }
        func several() -> [Filter] {
            (0..<Int.random(in: 0..<4, using: &generator)).map { _ in filter(&generator, depth: depth - 1) }
        }
        switch Int.random(in: 0..<(depth > 0 ? 7 : 4), using: &generator) {
        case 0: return .equals(field: field, scalar())
        case 1: return .isOneOf(field: field, (0..<Int.random(in: 0..<5, using: &generator)).map { _ in scalar() })
        case 2, 3: return .range(field: field, lower: bound(), upper: bound())
        case 4: return .all(several())
        case 5: return .any(several())
        default: return .not(filter(&generator, depth: depth - 1))
        }
    }

    /// Whether `filter` matches; strings by their bytes.
    static func matches(_ filter: Filter, _ metadata: [ByteString: MetadataValue]) -> Bool {
        func value(_ field: String) -> MetadataValue? {
            metadata.first { $0.key.text.utf8.elementsEqual(field.utf8) }?.value
        }
        func equals(_ field: String, _ wanted: Filter.Scalar) -> Bool {
            switch (value(field), wanted) {
            case (.string(let text), .string(let wanted)): text.utf8.elementsEqual(wanted.utf8)
            case (.strings(let texts), .string(let wanted)): texts.contains { $0.utf8.elementsEqual(wanted.utf8) }
            case (.number(let number), .number(let wanted)): number == wanted
            default: false
            }
        }
        switch filter {
        case .equals(let field, let wanted): return equals(field, wanted)
        case .isOneOf(let field, let values): return values.contains { equals(field, $0) }
        case .range(let field, let lower, let upper):
            guard case .number(let number) = value(field) else { return false }
            if let lower, lower.isInclusive ? number < lower.value : number <= lower.value { return false }
            if let upper, upper.isInclusive ? number > upper.value : number >= upper.value { return false }
            return true
        case .all(let filters): return filters.allSatisfy { matches($0, metadata) }
        case .any(let filters): return filters.contains { matches($0, metadata) }
        case .not(let filter): return !matches(filter, metadata)
        }
    }
}
