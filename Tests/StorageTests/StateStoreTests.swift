import Core
import Foundation
import RocksDB
import Synchronization
import TestSupport
import Testing

@testable import Storage

struct StateStoreTests {
    private static let model = Fingerprint(bytes: Array(repeating: 7, count: 32))
    private static let other = Fingerprint(bytes: Array(repeating: 8, count: 32))

    private static func key(_ number: Int) throws -> StateKey { numberedStateKey(number) }

    /// The state of `number`: nothing but the number decides its bytes.
    private static func state(_ number: Int, count: Int) -> [UInt8] {
        var generator = SeededGenerator(seed: UInt64(number))
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 8)
        while bytes.count < count {
            let word = generator.next()
            for shift in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: word >> (8 * UInt64(shift)))) }
        }
        return Array(bytes[..<count])
    }

    private static func open(
        _ path: String, budget: Int = 1 << 30, _ access: StateStore.Access = .readWrite, of model: Fingerprint? = model
    ) throws -> StateStore {
        try StateStore(
            path: path, fingerprint: try #require(model), budget: ByteCount(budget), access: access)
    }

    private static func diskUse(_ path: String) throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: path).reduce(0) { sum, name in
            // A file may go while we look.
            let attributes = try? FileManager.default.attributesOfItem(atPath: "\(path)/\(name)")
            return sum + (attributes?[.size] as? Int ?? 0)
        }
    }

    @Test("what is stored comes back as it was, of any size, and counts as a hit; the rest are misses")
    func roundTrip() throws {
        let directory = try TemporaryDirectory()
        let store = try Self.open(directory.file("s"))
        let counts = [0, 1, 900, 1100, 70_000, 5 << 20]
        for (number, count) in counts.enumerated() {
            #expect(try store.insert(Self.state(number, count: count), for: Self.key(number)))
        }
        for (number, count) in counts.enumerated() {
            #expect(try store.value(for: Self.key(number)) == Self.state(number, count: count))
            #expect(try store.size(of: Self.key(number)) == count)
        }
        #expect(try store.value(for: Self.key(99)) == nil)
        #expect(try store.size(of: Self.key(99)) == nil)
        // Again: it is there.
        #expect(try store.insert(Self.state(2, count: 900), for: Self.key(2)))
        let figures = store.figures
        #expect(figures.entries == counts.count)
        #expect(figures.bytes.bytes == counts.reduce(0) { $0 + $1 + PassageStateFormat.overheadBytes })
        #expect((figures.hits, figures.misses, figures.evictions, figures.damaged) == (6, 1, 0, 0))
    }

    @Test("the least recently used goes first, and what is larger than the budget is not taken")
    func leastRecentlyUsed() throws {
        let directory = try TemporaryDirectory()
        let size = 10_000 + PassageStateFormat.overheadBytes
        let store = try Self.open(directory.file("s"), budget: 3 * size)
        for number in 0..<3 { #expect(try store.insert(Self.state(number, count: 10_000), for: Self.key(number))) }
        #expect(try store.value(for: Self.key(0)) != nil)
        #expect(try store.insert(Self.state(3, count: 10_000), for: Self.key(3)))
        #expect(try store.value(for: Self.key(1)) == nil)
        #expect(try store.insert(Self.state(4, count: 3 * size), for: Self.key(4)) == false)
        for number in [0, 2, 3] {
            #expect(try store.value(for: Self.key(number)) == Self.state(number, count: 10_000))
        }
        #expect(store.figures.evictions == 1)
    }

    @Test("a restart keeps the states and the order of their use; a smaller budget keeps the most recent")
    func restart() throws {
        let directory = try TemporaryDirectory()
        let size = 10_000 + PassageStateFormat.overheadBytes
        do {
            let store = try Self.open(directory.file("s"), budget: 10 * size)
            for number in 0..<10 { _ = try store.insert(Self.state(number, count: 10_000), for: Self.key(number)) }
            for number in [3, 0, 7] { #expect(try store.value(for: Self.key(number)) != nil) }
            try store.flush()
        }
        do {
            let reader = try Self.open(directory.file("s"), .readOnly)
            #expect(reader.figures.entries == 10)
            #expect(reader.figures.budget == reader.figures.bytes)
            #expect(try reader.value(for: Self.key(5)) == Self.state(5, count: 10_000))
            #expect(try reader.insert([1], for: Self.key(50)) == false)
        }
        let store = try Self.open(directory.file("s"), budget: 4 * size)
        #expect(store.discarded == nil)
        #expect(try (0..<10).filter { try store.size(of: Self.key($0)) != nil } == [0, 3, 7, 9])
        #expect(try store.value(for: Self.key(7)) == Self.state(7, count: 10_000))
    }

    @Test("a store of another model is empty to a reader, and emptied by a writer, who says so")
    func otherModel() throws {
        let directory = try TemporaryDirectory()
        do {
            let store = try Self.open(directory.file("s"))
            _ = try store.insert(Self.state(1, count: 5000), for: Self.key(1))
            try store.flush()
        }
        let reader = try Self.open(directory.file("s"), .readOnly, of: Self.other)
        #expect(reader.figures.entries == 0)
        #expect(try reader.value(for: Self.key(1)) == nil)
        #expect(reader.discarded?.contains("\(try #require(Self.model))") == true)
        #expect(try Self.open(directory.file("s"), .readOnly).figures.entries == 1)
        let writer = try Self.open(directory.file("s"), of: Self.other)
        #expect(writer.discarded?.contains("belong to the model") == true)
        #expect(writer.figures.entries == 0)
        #expect(writer.figures.damaged == 0)
        #expect(try writer.insert(Self.state(1, count: 5000), for: Self.key(1)))
        #expect(try writer.value(for: Self.key(1)) == Self.state(1, count: 5000))
    }

    @Test("with a budget of 0, and to a reader of nothing, the disk stays as it is")
    func nothing() throws {
        let directory = try TemporaryDirectory()
        for store in [
            try Self.open(directory.file("s"), budget: 0), try Self.open(directory.file("s"), .readOnly),
        ] {
            #expect(try store.insert([1, 2, 3], for: Self.key(1)) == false)
            #expect(try store.value(for: Self.key(1)) == nil)
            #expect(store.figures.misses == 1)
            #expect(store.memory == ByteCount(0))
            try store.flush()
        }
        #expect(!FileManager.default.fileExists(atPath: directory.file("s")))
    }

    @Test("one writer at a time, and none on a disk that is nearly full")
    func refused() throws {
        let directory = try TemporaryDirectory()
        let store = try Self.open(directory.file("s"))
        let second = #expect(throws: ImpRAGError.self) { try Self.open(directory.file("s")) }
        #expect(second?.code == .unavailable)
        #expect(try store.insert([1], for: Self.key(1)))
        let space = Atomic(Int.max)
        func open(_ name: String) throws -> StateStore {
            try StateStore(
                path: directory.file(name), fingerprint: try #require(Self.model),
                limits: StateStore.Limits(budget: ByteCount(1 << 30)), access: .readWrite,
                availableSpace: { _ in ByteCount(space.load(ordering: .relaxed)) })
        }
        let full = try open("t")
        #expect(try full.insert([1], for: Self.key(1)))
        space.store(1 << 20, ordering: .relaxed)
        #expect(try full.insert([2], for: Self.key(2)) == false)
        #expect(try full.value(for: Self.key(1)) == [1])
        #expect(throws: ImpRAGError.self) { try open("u") }
    }

    @Test("under random inserts and reads the budget holds at every step, and the disk stays within 1.5 times of it")
    func bounded() throws {
        let directory = try TemporaryDirectory()
        let budget = 24 << 20
        let store = try Self.open(directory.file("s"), budget: budget)
        var generator = SeededGenerator(seed: 11)
        var largest = 0
        for step in 0..<3000 {
            let number = Int.random(in: 0..<1000, using: &generator)
            let count = 20_000 + number * 157 % 130_000
            if Bool.random(using: &generator) {
                #expect(try store.insert(Self.state(number, count: count), for: Self.key(number)))
            } else if let bytes = store.value(for: try Self.key(number)) {
                #expect(bytes == Self.state(number, count: count))
            }
            #expect(store.figures.bytes.bytes <= budget)
            if step % 10 == 0 { largest = max(largest, try Self.diskUse(directory.file("s"))) }
        }
        #expect(store.figures.evictions > 500)
        #expect(store.figures.damaged == 0)
        #expect(largest > budget / 2)
        #expect(largest <= budget * 3 / 2, "\(ByteCount(largest)) on the disk")
    }

    @Test("many threads read and write at once, and each read finds what was stored or nothing")
    func concurrent() async throws {
        let directory = try TemporaryDirectory()
        let store = try Self.open(directory.file("s"), budget: 2 << 20)
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<4 {
                group.addTask {
                    var generator = SeededGenerator(seed: UInt64(task))
                    for _ in 0..<500 {
                        let number = Int.random(in: 0..<100, using: &generator)
                        guard let key = try? Self.key(number) else { continue }
                        let bytes = Self.state(number, count: 30_000 + number)
                        if task % 2 == 0 {
                            #expect((try? store.insert(bytes, for: key)) == true)
                        } else {
                            let found = store.value(for: key)
                            #expect(found == nil || found == bytes)
                        }
                    }
                }
            }
        }
        let figures = store.figures
        #expect(figures.bytes.bytes <= 2 << 20)
        #expect(figures.hits > 0 && figures.evictions > 0)
        #expect(figures.damaged == 0)
    }
}
