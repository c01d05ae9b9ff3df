import Core
import TestSupport
import Testing

struct HeapTests {
    private struct Number: HeapElement {
        let value: Int
        func isAbove(_ other: Number) -> Bool { value < other.value }
    }

    @Test("elements come out in order, however they went in")
    func order() {
        var random = SeededGenerator(seed: 9)
        for count in [0, 1, 2, 3, 4, 7, 100, 1000] {
            let values = (0..<count).map { _ in Int.random(in: 0..<50, using: &random) }
            var inserted = Heap<Number>()
            var appended = Heap<Number>()
            for value in values {
                inserted.insert(Number(value: value))
                appended.append(Number(value: value))
            }
            appended.order()
            for var heap in [inserted, appended] {
                #expect(heap.count == count && heap.isEmpty == (count == 0) && heap.top?.value == values.min())
                var popped: [Int] = []
                while let next = heap.popTop() { popped.append(next.value) }
                #expect(popped == values.sorted() && heap.isEmpty)
            }
        }
    }

    @Test("the top is replaced as if it were popped and another inserted")
    func replacing() {
        var random = SeededGenerator(seed: 10)
        var (replaced, reference) = (Heap<Number>(), Heap<Number>())
        for _ in 0..<20 {
            let number = Number(value: Int.random(in: 0..<100, using: &random))
            replaced.insert(number)
            reference.insert(number)
        }
        for _ in 0..<200 {
            let number = Number(value: Int.random(in: 0..<100, using: &random))
            replaced.replaceTop(with: number)
            _ = reference.popTop()
            reference.insert(number)
            #expect(replaced.top?.value == reference.top?.value)
            #expect(replaced.elements.map(\.value).sorted() == reference.elements.map(\.value).sorted())
        }
    }
}
