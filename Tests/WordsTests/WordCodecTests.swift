import TestSupport
import Testing

@testable import Words

struct WordCodecTests {
    private static func postings(_ count: Int, _ random: inout SeededGenerator) -> WordPostings {
        var postings = WordPostings()
        var row = UInt32.random(in: 0..<1000, using: &random)
        for _ in 0..<count {
            postings.append(
                row: row, frequency: Bool.random(using: &random) ? 1 : .random(in: 1...UInt16.max, using: &random),
                length: .random(in: 1...UInt16.max, using: &random))
            row += Bool.random(using: &random) ? 1 : UInt32.random(in: 1..<900_000, using: &random)
        }
        return postings
    }

    @Test("postings come back as they were", arguments: [1, 2, 127, 128, 129, 1000, 4096])
    func roundTrip(count: Int) throws {
        var random = SeededGenerator(seed: UInt64(count))
        let postings = Self.postings(count, &random)
        let (bytes, apart) = WordCodec.encode(postings, 0..<count)
        let directory = try #require(WordCodec.directory(bytes))
        #expect(directory.count == count)
        let data = try #require(directory.data ?? apart)
        #expect((directory.data == nil) != (apart == nil))
        var (all, rows, frequencies) = (WordPostings(), [UInt32](), [UInt16]())
        for block in directory.blocks {
            #expect(WordCodec.decode(block, data, rows: &rows, frequencies: &frequencies))
            let places = all.count..<all.count + block.count
            #expect(postings.frequencies[places].max().map(Int.init) == block.maximumFrequency)
            #expect(postings.lengths[places].min().map(Int.init) == block.minimumLength)
            for place in rows.indices { all.append(row: rows[place], frequency: frequencies[place], length: 0) }
        }
        #expect(all.rows == postings.rows)
        #expect(all.frequencies == postings.frequencies)
    }

    @Test("bytes that were changed, cut or made up are refused or give rows in order, and trap nowhere")
    func hostile() throws {
        var random = SeededGenerator(seed: 5)
        var refused = 0
        for round in 0..<20_000 {
            let (directoryBytes, apart) = WordCodec.encode(
                Self.postings(round % 300 + 1, &random), 0..<(round % 300 + 1))
            var bytes = directoryBytes
            var data = apart
            switch round % 4 {
            case 0: bytes[Int.random(in: bytes.indices, using: &random)] = .random(in: 0...255, using: &random)
            case 1: bytes.removeLast(Int.random(in: 1...bytes.count, using: &random))
            case 2: bytes = bytes.map { _ in .random(in: 0...255, using: &random) }
            default:
                if let count = data?.count { data?[Int.random(in: 0..<count, using: &random)] ^= 1 << 7 }
            }
            guard let directory = WordCodec.directory(bytes) else {
                refused += 1
                continue
            }
            var (rows, frequencies) = ([UInt32](), [UInt16]())
            for block in directory.blocks {
                if WordCodec.decode(block, directory.data ?? data ?? [], rows: &rows, frequencies: &frequencies) {
                    #expect(zip(rows, rows.dropFirst()).allSatisfy { $0 < $1 })
                    #expect(rows.count == block.count)
                } else {
                    refused += 1
                }
            }
        }
        #expect(refused > 5000)
    }

    @Test("lengths come back, longer ones as the longest")
    func lengths() throws {
        var lengths = PassageLengths()
        lengths[5000] = 70_000
        lengths[1] = 3
        #expect(lengths[5000] == 65_535 && lengths[1] == 3 && lengths[0] == 0 && lengths[9999] == 0)
        #expect(try #require(PassageLengths.decode(PassageLengths.encode(lengths.piece(1)))) == lengths.piece(1))
        #expect(PassageLengths.decode([1]) == nil)
    }
}
