import Foundation
import Testing

@testable import Kernels

@Suite struct WeightMatrixTests {
    @Test("every float16 widens to the number that it means")
    func halves() {
        for bits in UInt16.min...UInt16.max {
            let wide = Double(float(fromHalf: bits))
            let (exponent, fraction) = (Int(bits >> 10 & 31), Double(bits & 1023))
            let magnitude =
                exponent == 0 ? fraction * exp2(-24) : (1 + fraction / 1024) * exp2(Double(exponent - 15))
            if exponent == 31 {
                #expect(fraction == 0 ? wide.isInfinite : wide.isNaN)
            } else {
                #expect(abs(wide) == magnitude)
            }
            #expect(wide.isNaN || (wide.sign == .minus) == (bits >> 15 == 1))
        }
    }
}
