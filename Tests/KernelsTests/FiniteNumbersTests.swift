import Core
import Kernels
import TestSupport
import Testing

@Suite struct FiniteNumbersTests {
    @Test("the first number that is not finite is found wherever it stands", arguments: [1, 15, 16, 17, 4096, 9000])
    func places(count: Int) {
        var random = SeededGenerator(seed: 1)
        let largest = Float.greatestFiniteMagnitude
        let sound: [Float] = (0..<count).map { _ in
            [largest, -largest, 0, .leastNonzeroMagnitude, 1][Int.random(in: 0..<5, using: &random)]
        }
        #expect(areFinite(sound) && areFinite([]))
        for place in [0, count / 2, count - 1] {
            for bad in [Float.nan, .infinity, -.infinity, .signalingNaN] {
                var numbers = sound
                numbers[place] = bad
                numbers[count - 1] = count - 1 == place ? bad : .nan
                #expect(!areFinite(numbers))
                let found = unsafe firstNotFinite(numbers.span.bytes, .f32)
                #expect(found == place)
            }
        }
    }

    @Test("halves are looked at as what they are, at any address")
    func halves() {
        // 7F00 is a number in bf16 and NaN in float16; 7C00 is infinite there and a number here.
        for (bits, element, place) in [
            ([0x7F00, 0xFF7F, 0x7F80], ElementType.bf16, 2), ([0x7BFF, 0xFBFF, 0xFC01], .f16, 2),
            ([0x7C00, 0x7FC0], .bf16, 1),
        ] {
            let bytes =
                [UInt8(7)] + bits.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
            let found = unsafe firstNotFinite(bytes.span.bytes.extracting(1..<bytes.count), element)
            #expect(found == place)
        }
        let whole = [UInt8](repeating: 0xFF, count: 64)
        let found = unsafe firstNotFinite(whole.span.bytes, .int8)
        #expect(found == nil)
    }

    @Test("equal bytes are equal, and nothing is nothing")
    func equality() {
        let numbers: [[UInt8]] = [[1, 2, 3], [1, 2, 4], [1, 2], []]
        for (index, one) in numbers.enumerated() {
            for (place, other) in numbers.enumerated() {
                let equal = unsafe areEqual(one.span.bytes, other.span.bytes)
                #expect(equal == (index == place))
            }
        }
    }
}
