import Testing
import Wire

@Suite struct TensorDescriptionTests {
    @Test("the size of a frame is the product of its extents and the size of a number")
    func size() {
        #expect(TensorDescription(dataType: .float32, shape: [3, 5])?.byteCount == 60)
        #expect(TensorDescription(dataType: .bfloat16, shape: [7])?.byteCount == 14)
        #expect(TensorDescription(dataType: .uint8, shape: [11])?.byteCount == 11)
        #expect(TensorDescription(dataType: .int32, shape: [])?.byteCount == 4)
        #expect(TensorDescription(dataType: .int32, shape: [0, 4])?.byteCount == 0)
    }

    @Test("a shape that cannot be is refused", arguments: [[Int.max, 2], [-1], [1, 1, 1, 1, 1, 1, 1, 1, 1]])
    func impossible(shape: [Int]) {
        #expect(TensorDescription(dataType: .float32, shape: shape) == nil)
    }
}
