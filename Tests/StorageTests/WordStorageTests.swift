import Core
import Foundation
import RocksDB
import TestSupport
import Testing
import Words

@testable import Storage

/// The lexical index's bytes on the disk: damage, missing parts, and reads beside writes.
struct WordStorageTests {
    private static let dimension = 4
    private let directory: TemporaryDirectory
    private let path: String

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.file("partition-0000")
        let fingerprint = try #require(Fingerprint(bytes: [UInt8](repeating: 7, count: 32)))
        let writer = try PartitionWriter(
            path: path, fingerprint: fingerprint, dimension: Self.dimension, number: 0, partitionCount: 1)
        try writer.append(Self.passages(0..<6000), vectors: Self.vectors(6000))
        _ = try writer.finish()
    }

    private static func passages(_ ids: Range<Int>) -> [Passage] {
        ids.map { Passage(id: "p\($0)", title: "", text: "common number \($0)" + ($0 % 200 == 0 ? " rare" : "")) }
    }

    private static func vectors(_ count: Int) -> [BFloat16] {
        [BFloat16](repeating: BFloat16(1), count: count * dimension)
    }

    private static func search(_ partition: Partition, _ terms: [String], _ source: PartitionWords? = nil) throws
        -> WordMatches
    {
        try WordSearch(
            source: source ?? partition.wordSource(), lengths: partition.wordLengths(), passages: partition.count,
            tokens: 3 * partition.count
        ).run(terms, count: 7000, allowed: partition.liveRows(), deadline: .never)
    }

    private func refusal(_ body: () throws -> Void) -> ImpRAGError? {
        #expect(throws: ImpRAGError.self) { try body() }
    }

    /// Changes one value of the partition behind its back.
    private func set(_ key: [UInt8], in family: Int, to value: [UInt8]?) throws {
        let database = try Database(path: path, families: PartitionFormat.families, access: .readWrite)
        var batch = WriteBatch()
        if let value {
            batch.put(key, value, in: family, of: database)
        } else {
            batch.delete(key, in: family, of: database)
        }
        try database.write(batch, .synced)
    }

    @Test(
        "a damaged directory, data that is missing or damaged, a damaged count: the search says which word's rows are not readable"
    )
    func damage() throws {
        let common = Array("common".utf8)
        let rare = Array("rare".utf8)
        #expect(try Self.search(Partition(path: path), ["common", "rare"]).hits.count == 6000)
        try set(WordStorage.directoryKey(rare, 0), in: PartitionFormat.words, to: [9, 9])
        try set(WordStorage.dataKey(common, 0), in: PartitionFormat.words, to: nil)
        try set(WordStorage.deadKey(Array("number".utf8)), in: PartitionFormat.words, to: [1])
        let partition = try Partition(path: path)
        for word in ["rare", "common", "number"] {
            let error = refusal { _ = try Self.search(partition, [word]) }
            #expect(error?.code == .dataLoss)
            #expect(error?.message.contains("the word \(word)") == true && error?.message.contains(path) == true)
        }
        #expect(try Self.search(partition, ["17"]).hits.map(\.row) == [17])
        try set(WordStorage.dataKey(common, 0), in: PartitionFormat.words, to: [UInt8](repeating: 0x80, count: 5000))
        #expect(refusal { _ = try Self.search(Partition(path: path), ["common"]) }?.code == .dataLoss)
    }

    @Test("lengths and a header that are not readable are reported")
    func damagedLengths() throws {
        try set(WordStorage.pieceKey(1), in: PartitionFormat.words, to: [1, 0])
        #expect(refusal { _ = try Partition(path: path).wordLengths() }?.code == .dataLoss)
        try set(PartitionFormat.wordsHeaderKey, in: PartitionFormat.metadata, to: [1])
        #expect(refusal { _ = try Partition(path: path) }?.code == .dataLoss)
    }

    @Test("a writer that was killed while the database was being made goes on as from nothing")
    func halfMade() throws {
        let place = directory.file("half")
        do { _ = try Database(path: place, families: Array(PartitionFormat.families[..<3]), access: .create) }
        let writer = try PartitionWriter(
            path: place, fingerprint: try #require(Fingerprint(bytes: [UInt8](repeating: 7, count: 32))),
            dimension: Self.dimension, number: 0, partitionCount: 1)
        try writer.append(Self.passages(0..<10), vectors: Self.vectors(10))
        _ = try writer.finish()
        let found = try Self.search(Partition(path: place), ["common"])
        #expect(found.hits.map(\.row).sorted() == Array(0..<10))
    }

    @Test("an index of another version of the analysis, or one that lacks rows, goes unused")
    func unused() throws {
        try set(PartitionFormat.wordsRowsKey, in: PartitionFormat.metadata, to: PartitionFormat.number(5999))
        #expect(try Partition(path: path).words == nil)
        try set(PartitionFormat.wordsRowsKey, in: PartitionFormat.metadata, to: PartitionFormat.number(6000))
        #expect(try Partition(path: path).words == .english)
        try set(
            PartitionFormat.wordsHeaderKey, in: PartitionFormat.metadata,
            to: Array(#"{"version":99,"analysis":"english"}"#.utf8))
        #expect(try Partition(path: path).words == nil)
    }

    @Test("a search sees the postings of one moment, whatever is written and swept meanwhile")
    func snapshot() throws {
        let partition = try Partition(path: path, access: .readWrite)
        let source = partition.wordSource()
        let before = try Self.search(partition, ["rare"], source).hits
        #expect(before.count == 30)
        _ = try partition.delete(ids: (0..<3000).map { "p\($0)" })
        _ = try partition.upsert(Self.passages(5000..<5400), vectors: Self.vectors(400))
        try partition.sweepWords()
        let old = try WordSearch(source: source, lengths: partition.wordLengths(), passages: 6000, tokens: 18_000)
            .run(
                ["rare", "common"], count: 7000, allowed: RowSet(words: [UInt64](repeating: .max, count: 100)),
                deadline: .never)
        #expect(old.hits.count == 6000)
        #expect(old.statistics.frequencies == [30, 6000])
        let now = try Self.search(partition, ["rare", "common"])
        #expect(now.statistics.frequencies == [15, 3000])
        #expect(now.hits.count == 3000)
        #expect(try WordStorage.deadCount(Array("common".utf8), partition.database) == 0)
        #expect(try partition.changesSinceWordSweep() == 0)
    }

    @Test("words come with rows that are added one by one, until they fill extents")
    func oneByOne() throws {
        let partition = try Partition(path: path, access: .readWrite)
        for id in 6000..<6300 {
            _ = try partition.upsert(Self.passages(id..<(id + 1)), vectors: Self.vectors(1))
        }
        let found = try Self.search(partition, ["common", "6100"])
        #expect(found.statistics.frequencies == [6300, 1])
        #expect(found.hits.count == 6300 && found.hits[0].row == 6100)
        var keys: [Int] = []
        try WordStorage.scan(Array("common".utf8), partition.database) { row, _ in keys.append(row) }
        // What bulk indexing left, whole blocks of later ones, and the one that grows.
        #expect(keys.last == WordStorage.tail && keys.count <= 6)
    }
}
