import Core
import Testing

@Suite struct PartitionRoutingTests {
    @Test("routing never changes: finished indexes depend on it")
    func golden() {
        // From the formulas, computed in Python.
        let hashes: [(String, UInt64, Int)] = [
            ("", 0xEFD0_1F60_BA99_2926, 936), ("a", 0x82A2_A958_A9BE_CE5B, 510), ("b", 0x6E67_3288_764A_D2D0, 431),
            ("wiki-25-1", 0xA323_1BF7_783E_6BB9, 637), ("é", 0x9D55_CCB9_BA86_763B, 614),
            ("d#17", 0xE3EA_C175_0C16_B092, 890),
        ]
        for (id, hash, partition) in hashes {
            #expect(PartitionRouting.hash(of: id) == hash)
            #expect(PartitionRouting.partition(of: id, partitionCount: 1000) == partition)
            #expect(PartitionRouting.partition(of: id, partitionCount: 1) == 0)
        }
        #expect(PartitionRouting.range(of: 0, partitionCount: 3) == 0...0x5555_5555_5555_5555)
        #expect(
            PartitionRouting.range(of: 1, partitionCount: 3) == 0x5555_5555_5555_5556...0xAAAA_AAAA_AAAA_AAAA)
        #expect(PartitionRouting.range(of: 2, partitionCount: 3) == 0xAAAA_AAAA_AAAA_AAAB...UInt64.max)
    }

    @Test(
        "the ranges of 1 to 1024 partitions follow each other without a gap, and each border belongs to its partition")
    func ranges() {
        for count in 1...1024 {
            var next: UInt64 = 0
            var sizes: (least: UInt64, most: UInt64) = (.max, 0)
            for partition in 0..<count {
                let range = PartitionRouting.range(of: partition, partitionCount: count)
                #expect(range.lowerBound == next, "partition \(partition) of \(count)")
                for hash in [range.lowerBound, range.upperBound] {
                    #expect(PartitionRouting.partition(ofHash: hash, partitionCount: count) == partition)
                }
                let size = range.upperBound - range.lowerBound
                sizes = (min(sizes.least, size), max(sizes.most, size))
                next = range.upperBound &+ 1
            }
            #expect(next == 0, "the last of \(count) partitions ends with the last hash")
            #expect(sizes.most - sizes.least <= 1)
        }
    }

    @Test("every hash lies in the range of its partition and in no other", arguments: [1, 2, 3, 7, 64, 1000, 1024])
    func everyHash(count: Int) {
        var random = SplitMix64(seed: UInt64(count))
        for _ in 0..<1000 {
            let hash = UInt64.random(in: 0...(.max), using: &random)
            let partition = PartitionRouting.partition(ofHash: hash, partitionCount: count)
            let owners = (0..<count).filter {
                PartitionRouting.range(of: $0, partitionCount: count).contains(hash)
            }
            #expect(owners == [partition])
        }
    }

    @Test("ids that differ in their ends spread evenly")
    func even() {
        let counts = (0..<10_000).reduce(into: [Int](repeating: 0, count: 8)) {
            $0[PartitionRouting.partition(of: "id-\($1)", partitionCount: 8)] += 1
        }
        #expect(counts.allSatisfy { (1100...1400).contains($0) })
    }
}
