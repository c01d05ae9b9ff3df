import Foundation
import TestSupport
import Testing

@testable import RocksDB

@Suite struct DatabaseCheckpointTests {
    private let directory: TemporaryDirectory
    private let families = [
        ColumnFamily("default"), ColumnFamily("other", blobs: BlobFiles(minimumBytes: 256, fileBytes: 1 << 16)),
    ]

    init() throws { directory = try TemporaryDirectory() }

    private func open(_ name: String, _ access: Database.Access = .readWrite) throws -> Database {
        try Database(path: directory.file(name), families: families, access: access)
    }

    private func write(_ keys: Range<Int>, to database: Database) throws {
        var batch = WriteBatch()
        for key in keys {
            for family in 0..<2 {
                let value = [UInt8](repeating: UInt8(truncatingIfNeeded: key), count: 300 + key % 7)
                batch.put(Array("\(key)".utf8), value, in: family, of: database)
            }
        }
        try database.write(batch, .logged)
    }

    private func contents(_ database: Database) throws -> [[[UInt8]: [UInt8]]] {
        try (0..<2).map { family in
            var found: [[UInt8]: [UInt8]] = [:]
            try database.scan(family) { key, value in
                found[[UInt8](copying: key)] = [UInt8](copying: value)
                return true
            }
            return found
        }
    }

    @Test("a checkpoint is the database of that moment, whatever is written, compacted and flushed afterwards")
    func moment() throws {
        let database = try open("db", .create)
        try write(0..<500, to: database)
        try database.flush()
        try write(400..<900, to: database)  // Not flushed yet.
        let expected = try contents(database)
        try database.checkpoint(to: directory.file("first"))
        try write(700..<2000, to: database)
        for family in 0..<2 { database.compact(family, rewritesAll: true) }
        try database.checkpoint(to: directory.file("second"))
        #expect(try contents(open("first", .readOnly)) == expected)
        // It is a database of its own.
        let first = try open("first")
        try write(5000..<5100, to: first)
        #expect(try contents(first)[1].count == 1000)
        #expect(try contents(database)[1].count == 2000)
        #expect(try contents(open("second")) == contents(database))
    }

    @Test("while another thread writes, a checkpoint holds some of its writes, all of them whole and in order")
    func beside() throws {
        let database = try open("db", .create)
        let done = DispatchSemaphore(value: 0)
        let writer = Thread {
            for step in 0..<400 { try? self.write((step * 10)..<(step * 10 + 10), to: database) }
            done.signal()
        }
        writer.start()
        for round in 0..<5 { try database.checkpoint(to: directory.file("at-\(round)")) }
        done.wait()
        for round in 0..<5 {
            let found = try contents(open("at-\(round)", .readOnly))[0].count
            #expect(found % 10 == 0 && found <= 4000)
            #expect(try contents(open("at-\(round)", .readOnly))[1].count == found)
            let keys = try Set(contents(open("at-\(round)", .readOnly))[0].keys)
            #expect((0..<found).allSatisfy { keys.contains(Array("\($0)".utf8)) })
        }
    }

    @Test("what is at the target is left alone and named, and the database goes on")
    func taken() throws {
        let database = try open("db", .create)
        try write(0..<10, to: database)
        let target = directory.file("there")
        try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
        let refused = #expect(throws: RocksDBError.self) { try database.checkpoint(to: target) }
        #expect(refused?.call == "rocksdb_checkpoint_create" && refused?.path == database.path, "\(refused as Any)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: target).isEmpty)
        try write(10..<20, to: database)
        try database.checkpoint(to: directory.file("free"))
        #expect(try contents(open("free"))[0].count == 20)
    }
}
