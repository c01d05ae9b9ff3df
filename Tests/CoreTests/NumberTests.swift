import Core
import TestSupport
import Testing

struct NumberTests {
    private static let integers: [Int64] = [
        .min, .min + 1, -(1 << 53) - 1, -1, 0, 1, 1 << 53, (1 << 53) + 1, (1 << 53) + 2, 1 << 60, (1 << 60) + 1,
        .max - 512,
        .max - 511, .max - 1, .max,
    ]

    @Test("every whole number of 64 bits is kept and printed digit for digit")
    func exact() {
        var generator = SeededGenerator(seed: 5)
        for value in Self.integers + (0..<1000).map({ _ in Int64.random(in: .min ... .max, using: &generator) }) {
            let number = Number(value)
            #expect(number.integer == value && number.description == String(value))
            #expect((-512...512).contains(number.remainder))
        }
        #expect(Number(2.5).integer == nil && Number(2.5).description == "2.5" && Number(1e300).description == "1e+300")
    }

    @Test("numbers are ordered by their values, whole ones and doubles among each other")
    func order() {
        for (low, high) in zip(Self.integers, Self.integers.dropFirst()) {
            #expect(Number(low) < Number(high) && Number(low) != Number(high))
        }
        #expect(Number(2) == Number(2.0) && Number(-0.0) == Number(0))
        #expect(Number(0x1p53) < Number((1 << 53) + 1) && Number((1 << 53) + 1) < Number(0x1p53 + 2))
        #expect(Number(.max) < Number(0x1p63) && Number(.min) == Number(-0x1p63))
    }

    @Test("a JSON number of which digits would be lost is no Number")
    func json() throws {
        func number(_ text: String) throws -> Number {
            try Number(json: JSONScanner.value(.text("it"), bytes: Array(text.utf8)))
        }
        for kept in ["9007199254740993", "-9223372036854775808", "9223372036854775807", "0.1", "1e3", "1e300"] {
            _ = try number(kept)
        }
        #expect(try number("9007199254740993").integer == 9_007_199_254_740_993)
        #expect(try number("0.12345678901234567890") == Number(0.12345678901234567890))
        for lost in ["9223372036854775808", "9007199254740993.0", "9007199254740993e0", "\"1\"", "null"] {
            #expect(throws: JSONProblem.self, "\(lost)") { try number(lost) }
        }
    }
}
