import TestSupport
import Testing

@testable import Bitmaps

@Suite struct BitmapTests {
    private func decode(_ bytes: [UInt8]) -> [UInt32]? {
        guard let bitmap = unsafe Bitmap(portable: bytes.span.bytes) else { return nil }
        return bitmap.numbers
    }

    private func random(_ generator: inout SeededGenerator) -> Set<UInt32> {
        let count = Int.random(in: 0..<[1, 30, 6000].randomElement(using: &generator)!, using: &generator)
        let limit = [70_000, 200_000, UInt32.max].randomElement(using: &generator)!
        return Set((0..<count).map { _ in UInt32.random(in: 0..<limit, using: &generator) })
    }

    private func bitmap(_ numbers: Set<UInt32>) -> Bitmap {
        var bitmap = Bitmap()
        bitmap.insert(contentsOf: Array(numbers))
        return bitmap
    }

    @Test("and, or, and-not, counting and the way through bytes agree with sets of numbers")
    func agreesWithSets() {
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<200 {
            let (left, right) = (random(&generator), random(&generator))
            let other = bitmap(right)
            var union = bitmap(left)
            union.formUnion(other)
            #expect(union.numbers == left.union(right).sorted())
            var intersection = bitmap(left)
            intersection.formIntersection(other)
            #expect(intersection.numbers == left.intersection(right).sorted())
            var difference = bitmap(left)
            difference.subtract(other)
            #expect(difference.numbers == left.subtracting(right).sorted())
            #expect(difference.isEmpty == left.subtracting(right).isEmpty)
            #expect(union.count == left.union(right).count)
            #expect(decode(union.portable) == union.numbers)
            var words = RowWords(union.words(bitCount: 100_000))
            #expect(words.next() == left.union(right).filter { $0 < 100_000 }.sorted())
        }
    }

    /// The numbers of set bits.
    private struct RowWords {
        let words: [UInt64]
        init(_ words: [UInt64]) { self.words = words }
        mutating func next() -> [UInt32] {
            words.indices.flatMap { place in
                (0..<64).filter { words[place] >> UInt64($0) & 1 == 1 }.map { UInt32(place * 64 + $0) }
            }
        }
    }

    @Test("a range is all of its numbers, with containers of runs, and survives the way through bytes")
    func ranges() {
        for range in [0..<0, 5..<6, 0..<70_000, 65_535..<65_537, 1..<300_000] {
            let bitmap = Bitmap(range)
            #expect(bitmap.numbers.elementsEqual(range.map { UInt32($0) }))
            #expect(decode(bitmap.portable).map { $0.elementsEqual(range.map { UInt32($0) }) } == true)
        }
    }

    @Test("bytes that are cut, extended or changed are refused, or are another set; they never harm")
    func hostileBytes() {
        var generator = SeededGenerator(seed: 4)
        var refused = 0
        for _ in 0..<40 {
            let numbers = random(&generator)
            var original = bitmap(numbers)
            if Bool.random(using: &generator) { original.formUnion(Bitmap(100_000..<101_000)) }
            let bytes = original.portable
            #expect(decode(bytes + [0]) == nil)
            #expect(decode(Array(bytes.dropLast())) == nil)
            for _ in 0..<50 {
                var changed = bytes
                changed[Int.random(in: 0..<bytes.count, using: &generator)] ^= UInt8(
                    1 << Int.random(in: 0..<8, using: &generator))
                guard let found = decode(changed) else {
                    refused += 1
                    continue
                }
                #expect(zip(found, found.dropFirst()).allSatisfy { $0 < $1 })
            }
        }
        #expect(refused > 1000)
        #expect(decode([]) == nil)
        #expect(decode([UInt8](repeating: 0xFF, count: 100)) == nil)
    }
}
