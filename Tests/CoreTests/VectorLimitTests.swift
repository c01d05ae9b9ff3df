import Core
import Testing

struct VectorLimitTests {
    @Test("the first vector with a number beyond the limit is told, with the number and its index")
    func fault() {
        let limit = VectorLimit.magnitude
        #expect(VectorLimit.fault(in: [0, -limit, limit, -0.0], dimension: 2) == nil)
        let wide: [Float] = [1, 2, 3, 4, 5, .nan, .infinity, 8]
        #expect(VectorLimit.fault(in: wide[...], dimension: 2)?.vector == 2)
        #expect(
            VectorLimit.fault(in: wide[...], dimension: 2)?.words
                == "holds nan at index 1; numbers from -2^50 to 2^50 are right")
        // A slice counts as the array it is of.
        #expect(VectorLimit.fault(in: wide[6...], dimension: 2)?.vector == 3)
        #expect(VectorLimit.fault(in: wide[..<4], dimension: 2) == nil)
        let narrow = wide.map { BFloat16($0) }
        #expect(VectorLimit.fault(in: narrow[6...], dimension: 4)?.words.hasPrefix("holds inf at index 2; ") == true)
        #expect(VectorLimit.fault(in: narrow[..<4], dimension: 4) == nil)
    }
}
