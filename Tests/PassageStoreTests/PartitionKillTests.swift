import Core
import Foundation
import TestSupport
import Testing

@testable import PassageStore

/// A process that writes to a partition and is killed with SIGKILL, again and again.
@Suite struct PartitionKillTests {
    private static let dimension = 8

    /// Write number `number`: the passages that it upserts, or the ids that it deletes. Nothing but the number decides.
    private static func write(_ number: Int) -> (passages: [Passage], deleted: [String]) {
        var generator = SeededGenerator(seed: UInt64(number))
        let ids = (0..<4).map { _ in "p\(Int.random(in: 0..<40, using: &generator))" }
        if number % 3 == 2 { return ([], ids) }
        let passages = ids.enumerated().map { place, id in
            Passage(id: id, title: "", text: "\(number) \(place)", metadata: ["write": .number(Double(number))])
        }
        return (passages, [])
    }

    private static func vectors(_ passages: [Passage]) -> [BFloat16] {
        passages.flatMap { passage in
            (0..<dimension).map { BFloat16(Float(passage.text.utf8.reduce(0) { ($0 * 7 + Int($1)) % 251 } + $0)) }
        }
    }

    /// Where the writer whose parent is the process `parent` works: a child knows nothing else of its parent.
    private static func directory(_ parent: Int32) -> String {
        FileManager.default.temporaryDirectory.appending(path: "imprag-test-kill-\(parent)").path(percentEncoded: false)
    }

    /// Goes on with the writes after those that are acknowledged, until it is killed. In a child process.
    private static func writeForever() throws {
        let directory = directory(getppid())
        let partition = try Partition(path: directory + "/shard-0000", access: .readWrite)
        let log = try FileHandle(forWritingTo: URL(filePath: directory + "/acknowledged"))
        var number = Int(try log.seekToEnd())
        let milliseconds = 100 + number * 7919 % 300
        Thread {
            Thread.sleep(forTimeInterval: Double(milliseconds) / 1000)
            kill(getpid(), SIGKILL)
        }.start()
        while true {
            let (passages, deleted) = write(number)
            if passages.isEmpty {
                _ = try partition.delete(ids: deleted)
            } else {
                _ = try partition.upsert(passages, vectors: vectors(passages))
            }
            try log.write(contentsOf: Data([1]))  // One byte an acknowledged write: outlives the process.
            number += 1
        }
    }

    @Test("whenever the writer is killed, every acknowledged write is there, the last one whole or not at all")
    func killed() async throws {
        let directory = Self.directory(getpid())
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let (path, log) = (directory + "/shard-0000", directory + "/acknowledged")
        _ = try PartitionTests.make(at: path, count: 0, dimension: Self.dimension)
        try Data().write(to: URL(filePath: log))
        var last = 0
        for _ in 0..<6 {
            await #expect(processExitsWith: .signal(SIGKILL)) { try Self.writeForever() }
            let acknowledged = try Data(contentsOf: URL(filePath: log)).count
            let partition = try Partition(path: path, access: .readWrite)
            // One more than was acknowledged may be there. The next child goes on after that one.
            let found = try [acknowledged, acknowledged + 1].first { try agrees(partition, after: $0) }
            #expect(found != nil, "\(acknowledged) acknowledged writes, \(partition.rowLimit) rows")
            try Data(repeating: 1, count: found ?? acknowledged).write(to: URL(filePath: log))
            last = acknowledged
        }
        #expect(last > 6)
    }

    /// Whether the partition is as the first `count` writes leave it.
    private func agrees(_ partition: Partition, after count: Int) throws -> Bool {
        var passages: [String: Passage] = [:]
        var limit = 0
        for number in 0..<count {
            let (upserted, deleted) = Self.write(number)
            for passage in upserted { passages[passage.id] = passage }
            for id in deleted { passages[id] = nil }
            limit += upserted.count
        }
        var rows: [Int] = []
        partition.liveRows().forEach { rows.append($0) }
        let found = try partition.passages(rows: rows).compactMap { $0 }
        guard partition.rowLimit == limit, found.count == passages.count,
            found.allSatisfy({ passages[$0.id] == $0 })
        else { return false }
        #expect(try partition.vectors(rows: rows) == Self.vectors(found))
        var matching: [Int] = []
        try partition.rows(matching: .range(field: "write", lower: nil, upper: nil)).forEach { matching.append($0) }
        #expect(matching == rows)
        return true
    }
}
