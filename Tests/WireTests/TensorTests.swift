import Core
import Testing
import Wire

struct TensorTests {
    @Test("float32 is rounded to bfloat16 once, to nearest and ties to even; bfloat16 stays as it is")
    func rounding() throws {
        // Halfway between 1 and 1 + 2⁻⁷, a little above it, and halfway between the next two.
        let wide: [Float] = [1 + 0x1p-8, 1 + 0x1p-8 + 0x1p-23, 1 + 3 * 0x1p-8, -2.5]
        let rounded: [Float] = [1, 1 + 0x1p-7, 1 + 0x1p-6, -2.5]
        let halves = try Tensor(wide, shape: [2, 2]).roundedHalves("vectors", shape: [nil, 2])
        #expect(halves.map(\.float) == rounded)
        #expect(try Tensor(halves, shape: [2, 2]).roundedHalves("vectors", shape: [nil, 2]) == halves)
        for tensor in [
            Tensor(wide, shape: [4]), Tensor(halves, shape: [4]), Tensor([1, 2] as [Int32], shape: [1, 2]),
        ] {
            #expect(throws: ImpRAGError.self) { try tensor.roundedHalves("vectors", shape: [nil, 2]) }
        }
    }
}
