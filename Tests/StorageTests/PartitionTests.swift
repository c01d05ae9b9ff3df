import Core
import Foundation
import RocksDB
import TestSupport
import Testing

@testable import Storage

@Suite struct PartitionTests {
    static func fingerprint(_ byte: UInt8) throws -> Fingerprint {
        try #require(Fingerprint(bytes: [UInt8](repeating: byte, count: 32)))
    }

    static func passage(_ row: Int) -> Passage {
        Passage(id: "p\(row)", title: row % 3 == 0 ? "" : "Title \(row) é", text: " text\nof \(row)\u{0} 🙂 ")
    }

    static func vectors(_ rows: Range<Int>, dimension: Int) -> [BFloat16] {
        rows.flatMap { row in (0..<dimension).map { BFloat16(Float(row) + Float($0) / 256) } }
    }

    /// A partition of `count` rows, appended in batches of `batchRows`.
    static func make(at path: String, count: Int, dimension: Int = 12, batchRows: Int = 64) throws -> Fingerprint {
        let writer = try PartitionWriter(
            path: path, fingerprint: try fingerprint(7), dimension: dimension, number: 0, partitionCount: 1)
        for start in stride(from: writer.count, to: count, by: batchRows) {
            let rows = start..<min(start + batchRows, count)
            try writer.append(rows.map(passage), vectors: vectors(rows, dimension: dimension))
        }
        return try writer.finish()
    }

    @Test("what was appended is read back, by row and by id", arguments: [0, 1, 63, 64, 65, 200])
    func roundTrip(count: Int) throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("partition-0000")
        _ = try Self.make(at: path, count: count)
        let partition = try Partition(path: path, expecting: try Self.fingerprint(7))
        #expect(partition.count == count && partition.dimension == 12)
        #expect(partition.rowLimit == count && partition.liveRows().count == count && partition.bulkCount == count)
        let rows = Array(stride(from: count - 1, through: 0, by: -1))
        #expect(try partition.passages(rows: rows) == rows.map(Self.passage))
        #expect(try partition.loadVectors() == Self.vectors(0..<count, dimension: 12))
        #expect(try partition.vectors(rows: rows) == rows.flatMap { Self.vectors($0..<($0 + 1), dimension: 12) })
        for row in rows { #expect(try partition.row(of: "p\(row)") == row) }
        #expect(try partition.row(of: "nobody") == nil)
        #expect(throws: ImpRAGError.self) { try partition.passages(rows: [count]) }
        #expect(throws: ImpRAGError.self) { try partition.passages(rows: [-1]) }
        #expect(throws: ImpRAGError.self) { try partition.vectors(rows: [count]) }
    }

    @Test("a finished writer leaves the partition to others while it still exists, and takes no more")
    func finished() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("partition-0000")
        let writer = try PartitionWriter(
            path: path, fingerprint: try Self.fingerprint(7), dimension: 12, number: 0, partitionCount: 1)
        try writer.append([Self.passage(0)], vectors: Self.vectors(0..<1, dimension: 12))
        _ = try writer.finish()
        #expect(try Partition(path: path, access: .readWrite).count == 1)
        #expect(throws: ImpRAGError.self) {
            try writer.append([Self.passage(1)], vectors: Self.vectors(1..<2, dimension: 12))
        }
        withExtendedLifetime(writer) {}
    }

    @Test("a writer that is closed and opened again goes on where it was, with the same contents")
    func reopening() throws {
        let directory = try TemporaryDirectory()
        let whole = try Self.make(at: directory.file("whole"), count: 300)
        for stop in [64, 128, 256] { _ = try Self.make(at: directory.file("pieces"), count: stop) }
        #expect(try Self.make(at: directory.file("pieces"), count: 300) == whole)
    }

    @Test("where the vectors stand takes at most 8 bytes of memory a row of 1024 numbers")
    func indexMemory() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("partition-0000")
        _ = try Self.make(at: path, count: 4096, dimension: 1024, batchRows: 512)
        let partition = try Partition(path: path)
        let memory = try #require(
            partition.database.property("rocksdb.estimate-table-readers-mem", of: PartitionFormat.vectors))
        #expect(memory > 4096 && memory <= 8 * 4096, "\(memory) bytes")
        #expect(partition.tableMemory.bytes >= memory)
    }

    @Test("another model's partition is refused with both fingerprints")
    func wrongFingerprint() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("partition-0000")
        _ = try Self.make(at: path, count: 3)
        let error = #expect(throws: ImpRAGError.self) {
            try Partition(path: path, expecting: try Self.fingerprint(9))
        }
        #expect(error?.code == .failedPrecondition)
        #expect(error?.message.contains("0707") == true && error?.message.contains("0909") == true)
        #expect(throws: ImpRAGError.self) {
            try PartitionWriter(
                path: path, fingerprint: try Self.fingerprint(9), dimension: 12, number: 0, partitionCount: 1)
        }
    }

    @Test("a partition of another layout is refused, whatever its header says beside that")
    func otherLayout() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("partition-0000")
        _ = try Self.make(at: path, count: 3)
        do {
            let database = try Database(path: path, families: PartitionFormat.families, access: .readWrite)
            var batch = WriteBatch()
            let header = Array(#"{"schema":2,"shard":0,"shardCount":1}"#.utf8)
            batch.put(PartitionFormat.headerKey, header, in: PartitionFormat.metadata, of: database)
            try database.write(batch, .synced)
        }
        let refused = #expect(throws: ImpRAGError.self) { try Partition(path: path) }
        #expect(refused?.code == .failedPrecondition)
        #expect(refused?.message.contains("has layout 2, this program reads layout 3") == true)
    }

    @Test("a missing partition is not found; a directory without a database is data loss")
    func missing() throws {
        let directory = try TemporaryDirectory()
        let missing = #expect(throws: ImpRAGError.self) { try Partition(path: directory.file("none")) }
        #expect(missing?.code == .notFound)
        let empty = #expect(throws: ImpRAGError.self) { try Partition(path: directory.path) }
        #expect(empty?.code == .dataLoss)
    }

    @Test(
        "whatever bit of a table file is flipped, reading everything either fails as data loss or gives the right rows")
    func flippedBits() throws {
        let directory = try TemporaryDirectory()
        let original = directory.file("original")
        let checksum = try Self.make(at: original, count: 100)
        var generator = SeededGenerator(seed: 5)
        var refused = 0
        for round in 0..<24 {
            let path = directory.file("damaged-\(round)")
            try FileManager.default.copyItem(atPath: original, toPath: path)
            let tables = try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasSuffix(".sst") }
                .sorted()
            let table = path + "/" + tables[round % tables.count]
            var bytes = try Data(contentsOf: URL(filePath: table))
            let place = Int.random(in: 0..<bytes.count, using: &generator)
            bytes[place] ^= UInt8(1 << Int.random(in: 0..<8, using: &generator))
            try bytes.write(to: URL(filePath: table))
            do {
                let partition = try Partition(path: path)
                #expect(try partition.contentChecksum() == checksum)
                #expect(try partition.loadVectors() == Self.vectors(0..<100, dimension: 12))
            } catch {
                refused += 1
                #expect(error.code == .dataLoss, "\(error)")
                #expect(
                    error.message.contains(path)
                        && (error.message.contains(".sst") || error.message.contains("MANIFEST-")), "\(error)")
            }
        }
        #expect(refused > 0)
    }

    @Test("a record of any wrong length is not a passage")
    func records() {
        let record = PassageRecord.encode(Self.passage(4))
        #expect(PassageRecord.decode(record) == Self.passage(4))
        for count in 0..<record.count { #expect(PassageRecord.decode(Array(record.prefix(count))) == nil) }
        var huge = record
        huge[3] = 0xFF
        #expect(PassageRecord.decode(huge) == nil)
        huge[7] = 0xFF
        #expect(PassageRecord.decode(huge) == nil)
    }
}
