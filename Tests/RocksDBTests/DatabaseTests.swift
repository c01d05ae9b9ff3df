import Core
import Foundation
import TestSupport
import Testing

@testable import RocksDB

@Suite struct DatabaseTests {
    private let directory: TemporaryDirectory
    private let families = [ColumnFamily("default", bloomBitsPerKey: 10), ColumnFamily("other", compression: .lz4)]

    init() throws { directory = try TemporaryDirectory() }

    private func open(_ access: Database.Access) throws -> Database {
        try Database(path: directory.file("db"), families: families, access: access)
    }

    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test("a model of the database, a dictionary, agrees with it through random writes, reopening and scans")
    func agreesWithDictionary() throws {
        var generator = SeededGenerator(seed: 21)
        var model: [[[UInt8]: [UInt8]]] = [[:], [:]]
        for round in 0..<6 {
            let database = try open(.create)
            for _ in 0..<20 {
                var batch = WriteBatch()
                for _ in 0..<Int.random(in: 1..<30, using: &generator) {
                    let key = (0..<Int.random(in: 0..<3, using: &generator)).map { _ in
                        UInt8.random(in: 0...255, using: &generator)
                    }
                    let value = [UInt8](repeating: UInt8(round), count: Int.random(in: 0..<2000, using: &generator))
                    let family = Int.random(in: 0..<2, using: &generator)
                    switch Int.random(in: 0..<8, using: &generator) {
                    case 0:
                        batch.delete(key, in: family, of: database)
                        model[family][key] = nil
                    case 1 where key.count == 2:
                        let end = [key[0], min(key[1], 251) + 4]
                        batch.deleteRange(from: key, until: end, in: family, of: database)
                        model[family] = model[family].filter {
                            $0.key.lexicographicallyPrecedes(key) || !$0.key.lexicographicallyPrecedes(end)
                        }
                    default:
                        batch.put(key, value, in: family, of: database)
                        model[family][key] = value
                    }
                }
                try database.write(batch, .synced)
            }
            if round % 2 == 0 { try database.flush() }
            if round % 3 == 0 { database.compact(1) }
            for family in 0..<2 {
                var found: [([UInt8], [UInt8])] = []
                try database.scan(family) { key, value in
                    found.append(([UInt8](copying: key), [UInt8](copying: value)))
                    return true
                }
                let expected = model[family].sorted { $0.key.lexicographicallyPrecedes($1.key) }
                #expect(found.map(\.0) == expected.map(\.key) && found.map(\.1) == expected.map(\.value))
                for (key, value) in expected { #expect(try database.get(key, in: family) == value) }
                #expect(try database.get([1, 2, 3, 4], in: family) == nil)
            }
        }
    }

    @Test("a scan starts at its first key and ends when the body says so")
    func scans() throws {
        let database = try open(.create)
        var batch = WriteBatch()
        for key in ["a", "b", "c", "d"] { batch.put(bytes(key), bytes(key), in: 0, of: database) }
        #expect(batch.count == 4 && batch.byteCount > 8)
        try database.write(batch, .memory)
        var seen: [[UInt8]] = []
        try database.scan(0, from: bytes("b")) { key, _ in
            seen.append([UInt8](copying: key))
            return seen.count < 2
        }
        #expect(seen == [bytes("b"), bytes("c")])
    }

    @Test("a scan ends before its end, and sees what was there when it began")
    func bounds() throws {
        let database = try open(.create)
        for key in ["a", "b", "c", "d"] {
            var batch = WriteBatch()
            batch.put(bytes(key), bytes(key), in: 0, of: database)
            try database.write(batch, .logged)
        }
        for isLong in [true, false] {
            var seen: [[UInt8]] = []
            try database.scan(0, from: bytes("b"), until: bytes("d"), isLong: isLong) { key, _ in
                seen.append([UInt8](copying: key))
                var batch = WriteBatch()
                batch.put(bytes("bb"), [], in: 0, of: database)
                let written: Void? = try? database.write(batch, .logged)
                return written != nil
            }
            #expect(seen == (isLong ? [bytes("b"), bytes("c")] : [bytes("b"), bytes("bb"), bytes("c")]))
        }
    }

    @Test("one read and a batch of reads lend the same values of numbered keys, and pass over those that are not there")
    func numberedKeys() throws {
        let database = try open(.create)
        var batch = WriteBatch()
        func key(_ number: Int) -> [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) } }
        for number in stride(from: 0, to: 1000, by: 2) {
            batch.put(key(number), bytes("value \(number)"), in: 1, of: database)
        }
        try database.write(batch, .synced)
        let memory = try #require(database.property("rocksdb.cur-size-all-mem-tables", of: 1))
        #expect(memory > 0 && database.property("rocksdb.nothing", of: 1) == nil)
        for isFlushed in [false, true] {
            if isFlushed { try database.flush() }
            for count in [0, 1, 31, 32, 33, 100] {
                let numbers = (0..<count).map { $0 * 37 % 1003 }
                var found: [(Int, [UInt8])] = []
                let total = try database.withValues(ofNumbers: numbers, in: 1) { place, value in
                    found.append((place, [UInt8](copying: value)))
                }
                let expected = numbers.enumerated().filter { $0.element % 2 == 0 && $0.element < 1000 }
                #expect(total == expected.count && found.map(\.0) == expected.map(\.offset))
                #expect(found.map(\.1) == expected.map { bytes("value \($0.element)") })
                for number in numbers {
                    let one = try database.withValue(ofNumber: number, in: 1) { [UInt8](copying: $0) }
                    #expect(one == (number % 2 == 0 && number < 1000 ? bytes("value \(number)") : nil))
                }
            }
        }
    }

    @Test("what is not logged is lost without a flush, and kept with one")
    func durability() throws {
        for flushes in [false, true] {
            try? FileManager.default.removeItem(atPath: directory.file("copy"))
            let database = try open(.create)
            var batch = WriteBatch()
            batch.put(bytes("k\(flushes)"), [1], in: 0, of: database)
            try database.write(batch, .memory)
            if flushes { try database.flush() }
            // A copy of the files is what a killed process leaves.
            try FileManager.default.copyItem(atPath: database.path, toPath: directory.file("copy"))
            let copy = try Database(path: directory.file("copy"), families: families, access: .readOnly)
            #expect(try copy.get(bytes("k\(flushes)"), in: 0) == (flushes ? [1] : nil))
        }
    }

    @Test("a second writer is refused, readers are not")
    func locking() throws {
        let writer = try open(.create)
        var batch = WriteBatch()
        batch.put([1], [2], in: 0, of: writer)
        try writer.write(batch, .synced)
        let error = #expect(throws: RocksDBError.self) { try open(.readWrite) }
        #expect(error?.code == .failedPrecondition, "\(error as Any)")
        #expect(try open(.readOnly).get([1], in: 0) == [2])
        #expect(try open(.readOnly).get([1], in: 0) == [2])
    }

    @Test("opening what is not there, and missing or damaged files, are errors with the path")
    func damage() throws {
        #expect(throws: RocksDBError.self) { try open(.readOnly) }
        #expect(throws: RocksDBError.self) { try open(.readWrite) }
        do {
            let database = try open(.create)
            var batch = WriteBatch()
            for number in 0..<1000 { batch.put(bytes("key \(number)"), bytes("value \(number)"), in: 0, of: database) }
            try database.write(batch, .synced)
            try database.flush()
        }
        let path = directory.file("db")
        let table = try #require(
            try FileManager.default.contentsOfDirectory(atPath: path).first { $0.hasSuffix(".sst") })
        let original = try Data(contentsOf: URL(filePath: "\(path)/\(table)"))
        try FileManager.default.removeItem(atPath: "\(path)/\(table)")
        let missing = #expect(throws: RocksDBError.self) {
            let database = try open(.readOnly)
            _ = try database.get(bytes("key 1"), in: 0)
        }
        #expect(missing?.code == .dataLoss && missing?.description.contains(path) == true, "\(missing as Any)")
        var damaged = original
        damaged[100] ^= 0x10
        try damaged.write(to: URL(filePath: "\(path)/\(table)"))
        let corrupt = #expect(throws: RocksDBError.self) { try open(.readOnly).scan(0) { _, _ in true } }
        #expect(corrupt?.code == .dataLoss, "\(corrupt as Any)")
        try original.write(to: URL(filePath: "\(path)/\(table)"))
        #expect(try open(.readOnly).get(bytes("key 999"), in: 0) == bytes("value 999"))
    }

    @Test("an error is one line, also when a damaged file's bytes stand in it")
    func oneLine() {
        let error = RocksDBError(call: "open", path: "db", message: "Corruption: key '\u{0}a\n\u{1}'\r\n)")
        #expect(error.description == "open on db: Corruption: key ' a  '  )")
        #expect(error.code == .dataLoss)
    }

    @Test("an error names the damaged file, wherever in RocksDB's words it stands")
    func damagedFile() {
        func file(_ message: String) -> String? { RocksDBError(call: "get", path: "/db", message: message).file }
        #expect(file("Corruption: block checksum mismatch: stored = 1, in /db/000012.sst offset 3") == "/db/000012.sst")
        #expect(file("Corruption: Can't access /000012.sst: IO error: No such file") == "/db/000012.sst")
        #expect(file("Corruption: bad table in file /x y/db/MANIFEST-000005") == "/db/MANIFEST-000005")
        #expect(file("Corruption: something") == nil)
        let error = RocksDBError(call: "get", path: "/db", message: "Corruption: in /db/000012.sst.")
        #expect(error.wrapped("it cannot be read").message == "it cannot be read: /db/000012.sst is damaged")
        let other = RocksDBError(call: "open", path: "/db", message: "Invalid argument: Column families not opened: x")
        #expect(other.code == .failedPrecondition)
    }

    @Test("bf16 numbers survive the way to bytes and back")
    func numbers() {
        let numbers = (0..<70_000).map { BFloat16(bits: UInt16(truncatingIfNeeded: $0)) }
        let bytes = [UInt8](littleEndian: numbers)
        #expect(bytes[2] == 1 && bytes[3] == 0)
        var back = [BFloat16(bits: 5)]
        unsafe back.append(littleEndian: bytes.span.bytes)
        unsafe back.append(littleEndian: [UInt8]().span.bytes)
        #expect(back.count == 70_001 && back.dropFirst().elementsEqual(numbers))
    }
}
