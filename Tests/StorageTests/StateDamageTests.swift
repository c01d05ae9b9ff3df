import Core
import Foundation
import RocksDB
import TestSupport
import Testing

@testable import Storage

/// Stores of states whose files were damaged, or whose process was killed.
@Suite(.serialized) struct StateDamageTests {
    private static let model = Fingerprint(bytes: Array(repeating: 7, count: 32))

    private static func key(_ number: Int) throws -> StateKey { numberedStateKey(number) }

    /// 3000 bytes, each saying which state it belongs to.
    private static func state(_ number: Int) -> [UInt8] { [UInt8](repeating: UInt8(100 + number), count: 3000) }

    private static func open(_ path: String, _ access: StateStore.Access = .readWrite) throws -> StateStore {
        try StateStore(path: path, fingerprint: try #require(model), budget: ByteCount(1 << 30), access: access)
    }

    private static func fill(_ path: String) throws {
        let store = try open(path)
        for number in 0..<10 { _ = try store.insert(state(number), for: key(number)) }
        try store.flush()
    }

    private static func files(_ path: String, _ suffix: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasSuffix(suffix) }.map {
            "\(path)/\($0)"
        }
    }

    /// Changes one byte in the middle of state `number`, wherever it stands.
    private static func damage(_ path: String, state number: Int) throws {
        for file in try files(path, ".blob") {
            var bytes = try Data(contentsOf: URL(filePath: file))
            guard let range = bytes.range(of: Data(state(number))) else { continue }
            bytes[range.lowerBound + 1500] ^= 1
            try bytes.write(to: URL(filePath: file))
            return
        }
        Issue.record("no file holds state \(number)")
    }

    @Test(
        "a damaged state is a miss that is counted once and forgotten; the others are whole, and it can be stored again"
    )
    func damagedState() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("s")
        try Self.fill(path)
        try Self.damage(path, state: 4)
        do {
            let reader = try Self.open(path, .readOnly)
            for number in 0..<10 {
                #expect(try reader.value(for: Self.key(number)) == (number == 4 ? nil : Self.state(number)))
            }
            #expect(reader.figures.damaged == 1)
        }
        do {
            let store = try Self.open(path)
            for _ in 0..<2 {
                for number in 0..<10 {
                    #expect(try store.value(for: Self.key(number)) == (number == 4 ? nil : Self.state(number)))
                }
            }
            let figures = store.figures
            #expect((figures.entries, figures.hits, figures.misses, figures.damaged) == (9, 18, 2, 1))
            #expect(try store.insert(Self.state(4), for: Self.key(4)))
            #expect(try store.value(for: Self.key(4)) == Self.state(4))
        }
        #expect(try Self.open(path).figures.entries == 10)
    }

    @Test("a state that stands under another's key is never returned for it")
    func wrongKey() throws {
        let record = PassageStateFormat.record(Self.state(1), for: try Self.key(1))
        let directory = try TemporaryDirectory()
        let database = try Database(
            path: directory.file("d"), families: [ColumnFamily("default")], access: .create)
        for (number, damaged) in [(1, record), (2, record), (3, Array(record.dropLast())), (4, []), (5, [1, 2])] {
            var batch = WriteBatch()
            batch.put([UInt8(number)], damaged, in: 0, of: database)
            try database.write(batch, .memory)
            let key = try Self.key(number == 3 ? 1 : number)
            let bytes = try database.withValue(of: [UInt8(number)], in: 0) {
                PassageStateFormat.bytes(of: $0, for: key)
            }
            #expect(bytes == .some(number == 1 ? Self.state(1) : nil))
        }
    }

    @Test(
        "a database that cannot be opened is nothing to a reader, and a writer makes a new one and counts it",
        arguments: [".sst", "MANIFEST", "CURRENT", ".blob"])
    func damagedDatabase(part: String) throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("s")
        try Self.fill(path)
        for name in try FileManager.default.contentsOfDirectory(atPath: path) where name.contains(part) {
            try Data(repeating: 0x41, count: 7).write(to: URL(filePath: "\(path)/\(name)"))
        }
        let reader = try Self.open(path, .readOnly)
        for number in 0..<10 { #expect(try reader.value(for: Self.key(number)) == nil) }
        do {
            let store = try Self.open(path)
            for number in 0..<10 { #expect(try store.value(for: Self.key(number)) == nil) }
            #expect(store.figures.damaged > 0)
            for number in 0..<10 { #expect(try store.insert(Self.state(number), for: Self.key(number))) }
            try store.flush()
        }
        let again = try Self.open(path)
        #expect(again.discarded == nil)
        for number in 0..<10 { #expect(try again.value(for: Self.key(number)) == Self.state(number)) }
    }

    @Test("files of an index whose states were half removed are no obstacle")
    func halfRemoved() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("s")
        try Self.fill(path)
        try FileManager.default.removeItem(atPath: path + "/CURRENT")
        let store = try Self.open(path)
        #expect(store.figures.entries == 0)
        #expect(try store.insert(Self.state(1), for: Self.key(1)))
    }

    @Test("a database that damage stopped from being written to is made anew by the next writer")
    func condemned() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("s")
        try Self.fill(path)
        StateStore.condemn(path)
        #expect(try Self.open(path, .readOnly).figures.entries == 10)
        do {
            let store = try Self.open(path)
            #expect(store.figures.entries == 0)
            #expect(store.figures.damaged == 1)
        }
        #expect(try Self.open(path).discarded == nil)
    }

    /// Where the writer whose parent is the process `parent` works: a child knows nothing else of its parent.
    private static func directory(_ parent: Int32) -> String {
        FileManager.default.temporaryDirectory.appending(path: "imprag-test-states-\(parent)").path(
            percentEncoded: false)
    }

    @Test("a writer that is killed leaves a store that opens, with nothing in it that was not stored")
    func killed() async throws {
        let path = Self.directory(getpid())
        defer { try? FileManager.default.removeItem(atPath: path) }
        var found = 0
        for _ in 0..<4 {
            await #expect(processExitsWith: .signal(SIGKILL)) {
                let store = try StateStore(
                    path: Self.directory(getppid()), fingerprint: try #require(Self.model), budget: ByteCount(4 << 20),
                    access: .readWrite)
                let milliseconds = 100 + store.figures.entries * 7919 % 300
                Thread {
                    Thread.sleep(forTimeInterval: Double(milliseconds) / 1000)
                    kill(getpid(), SIGKILL)
                }.start()
                var generator = SeededGenerator(seed: UInt64(milliseconds))
                while true {
                    let number = Int.random(in: 0..<100, using: &generator)
                    let bytes = [UInt8](repeating: UInt8(number), count: 80_000 + number)
                    _ = try store.insert(bytes, for: Self.key(number))
                }
            }
            let store = try StateStore(
                path: path, fingerprint: try #require(Self.model), budget: ByteCount(4 << 20), access: .readWrite)
            #expect(store.discarded == nil)
            #expect(store.figures.bytes.bytes <= 4 << 20)
            for number in 0..<100 where try store.size(of: Self.key(number)) != nil {
                #expect(
                    try store.value(for: Self.key(number)) == [UInt8](repeating: UInt8(number), count: 80_000 + number))
                found += 1
            }
            #expect(store.figures.damaged == 0)
        }
        #expect(found > 10)
    }
}
