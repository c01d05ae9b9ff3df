import Testing

@testable import Indexing

@Suite struct IndexPartTests {
    @Test("a part is I/N with I from 1 to N, and nothing else is")
    func text() {
        for (text, number, count) in [("1/1", 1, 1), ("2/5", 2, 5), ("1024/1024", 1024, 1024), ("02/5", 2, 5)] {
            let part = IndexPart(text)
            #expect(part?.number == number && part?.count == count, "\(text)")
        }
        for text in [
            "", "/", "1", "1/", "/2", "0/3", "4/3", "0/0", "-1/3", "+1/3", "1/-3", "1/3/5", "1 / 3", "1/3 ", "a/b",
            "1.5/3",
            "1/1025", "1/99999999999999999999", "１/３",
        ] {
            #expect(IndexPart(text) == nil, "\(text)")
        }
        #expect(IndexPart(number: 2, of: 5)?.directoryName == "part-0002-of-0005")
    }

    @Test(
        "every batch of every partition belongs to one part, and parts count their passages without looking at batches")
    func sharing() throws {
        for count in [1, 2, 3, 5, 8] {
            let parts = (1...count).compactMap { IndexPart(number: $0, of: count) }
            for partition in 0..<4 {
                for passages in [0, 1, 511, 512, 513, 1024, 2047, 5 * 512, 5 * 512 + 1, 9 * 512 + 17] {
                    var expected = [Int](repeating: 0, count: count)
                    for row in 0..<passages {
                        let owners = parts.indices.filter { parts[$0].owns(batch: row / 512, of: partition) }
                        #expect(owners.count == 1)
                        expected[try #require(owners.first)] += 1
                    }
                    #expect(parts.map { $0.passages(among: passages, of: partition) } == expected)
                }
            }
        }
    }

    @Test("parts of one corpus differ by at most one batch a partition")
    func balance() {
        let partitions = [40_000, 41_300, 39_700]
        let sizes = (1...7).compactMap { IndexPart(number: $0, of: 7) }.map { part in
            partitions.enumerated().reduce(0) { $0 + part.passages(among: $1.element, of: $1.offset) }
        }
        #expect(sizes.reduce(0, +) == partitions.reduce(0, +))
        #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 3 * 512)
    }
}
