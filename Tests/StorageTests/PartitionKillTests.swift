import Core
import Foundation
import TestSupport
import Testing
import Words

@testable import Storage

/// Processes that apply a log to a partition and are killed, or refused by the system.
@Suite(.serialized) struct PartitionKillTests {
    private static let dimension = 8

    /// Write number `number`: the passages that it upserts, or the ids that it deletes. Nothing but the number decides.
    private static func write(_ number: Int) -> (passages: [Passage], deleted: [String]) {
        var generator = SeededGenerator(seed: UInt64(number))
        let ids = (0..<4).map { _ in "p\(Int.random(in: 0..<40, using: &generator))" }
        if number % 3 == 2 { return ([], ids) }
        let passages = ids.enumerated().map { place, id in
            Passage(id: id, title: "", text: "\(number) \(place)", metadata: ["write": .number(Number(Double(number)))])
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

    /// An empty partition and an empty list of acknowledged writes for a child of this process.
    private static func prepare() throws -> (path: String, log: String) {
        let directory = directory(getpid())
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let (path, log) = (directory + "/partition-0000", directory + "/acknowledged")
        _ = try PartitionTests.make(at: path, count: 0, dimension: dimension)
        try Partition(path: path, access: .readWrite).record(LogPosition(collection: .random(), epoch: 0))
        try Data().write(to: URL(filePath: log))
        return (path, log)
    }

    /// Goes on with the segments after the partition's position, until one fails: write n is epoch n + 1. The first
    /// ones may be known to be applied, where they changed nothing.
    private static func writeOn(_ partition: Partition) throws {
        let log = try FileHandle(forWritingTo: URL(filePath: directory(getppid()) + "/acknowledged"))
        let acknowledged = Int(try log.seekToEnd())
        var number = partition.logPosition?.epoch ?? 0
        while true {
            let (passages, deleted) = write(number)
            let changes: [PassageChange] =
                passages.map { .upsert($0, vector: vectors([$0])) } + deleted.map { .delete(id: $0) }
            _ = try partition.apply(changes.map { LoggedChange(update: 0, $0) }, epoch: number + 1)
            // One byte an acknowledged write: outlives the process.
            if number >= acknowledged { try log.write(contentsOf: Data([1])) }
            number += 1
        }
    }

    @Test("whenever the writer is killed, every acknowledged write is there, the last one whole or not at all")
    func killed() async throws {
        let (path, log) = try Self.prepare()
        defer { try? FileManager.default.removeItem(atPath: Self.directory(getpid())) }
        var last = 0
        for _ in 0..<6 {
            await #expect(processExitsWith: .signal(SIGKILL)) {
                let partition = try Partition(path: Self.directory(getppid()) + "/partition-0000", access: .readWrite)
                let milliseconds = 100 + partition.rowLimit * 7919 % 300
                Thread {
                    Thread.sleep(forTimeInterval: Double(milliseconds) / 1000)
                    kill(getpid(), SIGKILL)
                }.start()
                try Self.writeOn(partition)
            }
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

    @Test("a write that the system refuses ends writing, not the process, and nothing acknowledged is lost")
    func refused() async throws {
        let (path, log) = try Self.prepare()
        defer { try? FileManager.default.removeItem(atPath: Self.directory(getpid())) }
        await #expect(processExitsWith: .success) {
            let partition = try Partition(path: Self.directory(getppid()) + "/partition-0000", access: .readWrite)
            // No file may grow beyond 100 KiB: to RocksDB that is as good as a full disk.
            signal(SIGXFSZ, SIG_IGN)
            var limit = rlimit(rlim_cur: 100 << 10, rlim_max: 100 << 10)
            let isLimited = unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0
            try #require(isLimited)
            let first = #expect(throws: ImpRAGError.self) { try Self.writeOn(partition) }
            #expect(first?.message.contains("takes no more writes") == true, "\(first as Any)")
            let next = #expect(throws: ImpRAGError.self) { try Self.writeOn(partition) }
            #expect(next?.code == .failedPrecondition, "\(next as Any)")
            var rows: [Int] = []
            partition.liveRows().forEach { rows.append($0) }
            #expect(try partition.passages(rows: rows).allSatisfy { $0 != nil })
            #expect(try partition.withVectors(rows: rows) { _, _ in } == rows.count)
        }
        let acknowledged = try Data(contentsOf: URL(filePath: log)).count
        #expect(acknowledged > 10)
        let partition = try Partition(path: path, access: .readWrite)
        #expect(try [acknowledged, acknowledged + 1].contains { try agrees(partition, after: $0) })
        _ = try partition.upsert(Self.write(0).passages, vectors: Self.vectors(Self.write(0).passages))
    }

    /// Whether the partition is as the first `count` writes leave it.
    private func agrees(_ partition: Partition, after count: Int) throws -> Bool {
        var passages: [String: Passage] = [:]
        var (limit, epoch) = (0, 0)
        for number in 0..<count {
            let (upserted, deleted) = Self.write(number)
            if !upserted.isEmpty || deleted.contains(where: { passages[$0] != nil }) { epoch = number + 1 }
            for passage in upserted { passages[passage.id] = passage }
            for id in deleted { passages[id] = nil }
            limit += Set(upserted.map(\.id)).count
        }
        var rows: [Int] = []
        partition.liveRows().forEach { rows.append($0) }
        let found = try partition.passages(rows: rows).compactMap { $0 }
        guard partition.logPosition?.epoch == epoch, partition.rowLimit == limit, found.count == passages.count,
            found.allSatisfy({ passages[$0.id] == $0 })
        else { return false }
        #expect(try partition.vectors(rows: rows) == Self.vectors(found))
        var matching: [Int] = []
        try partition.rows(matching: .range(field: "write", lower: nil, upper: nil)).forEach { matching.append($0) }
        #expect(matching == rows)
        try expectWords(partition, of: Array(zip(rows, found)))
        return true
    }

    /// Every word leads to the passages that have it, and to no others.
    private func expectWords(_ partition: Partition, of passages: [(row: Int, passage: Passage)]) throws {
        #expect(partition.words == .english)
        let lengths = try partition.wordLengths()
        var expected: [String: [Int]] = [:]
        for (row, passage) in passages {
            let words = passage.text.split(separator: " ").map(String.init)
            #expect(lengths[row] == words.count)
            for word in Set(words) { expected[word, default: []].append(row) }
        }
        let search = WordSearch(
            source: partition.wordSource(), lengths: lengths, passages: passages.count, tokens: 2 * passages.count)
        for (word, rows) in expected {
            let found = try search.run([word], count: 100, allowed: partition.liveRows(), deadline: .never)
            #expect(found.hits.map(\.row).sorted() == rows)
            #expect(found.statistics.frequencies == [rows.count])
        }
    }
}
