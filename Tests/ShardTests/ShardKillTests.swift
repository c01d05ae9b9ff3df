import Cluster
import Core
import Foundation
import Synchronization
import TestSupport
import Testing
import VectorIndex
import Wire

@testable import Shard
@testable import Storage

/// A shard's partition with lists, changed and maintained by a process that is killed with SIGKILL, again and again.
@Suite struct ShardKillTests {
    /// So many numbers that 1024 passages are enough to need lists.
    private static let dimension = 4096
    private static let idCount = 1400
    private static let kills = 24
    /// Kills before which there is no index, so that its first building is what they hit.
    private static let killsWithoutIndex = 3

    private enum Write {
        case upsert([Int])
        case delete([Int])
    }

    /// Write number `number`, from 1. Nothing but the number decides.
    private static func write(_ number: Int) -> Write {
        var generator = SeededGenerator(seed: UInt64(number))
        let isDeletion = number % 4 == 0
        var ids: Set<Int> = []
        while ids.count < (isDeletion ? 8 : 24) { ids.insert(Int.random(in: 0..<idCount, using: &generator)) }
        return isDeletion ? .delete(ids.sorted()) : .upsert(ids.sorted())
    }

    /// What write `number` makes of passage `id`.
    private static func passage(_ id: Int, _ number: Int) -> Passage {
        Passage(id: "p\(id)", title: "", text: "\(number)", metadata: ["write": .number(Number(Double(number)))])
    }

    private static func vector(_ id: Int, _ number: Int) -> [Float] {
        var generator = SeededGenerator(seed: UInt64(number) << 32 | UInt64(id))
        // Four numbers of 16 bits from each: random numbers are most of what this test computes.
        return (0..<dimension / 4).flatMap { _ in
            let bits = generator.next()
            return (0..<4).map { BFloat16(Float(Int16(truncatingIfNeeded: bits >> (16 * $0))) / 32768).float }
        }
    }

    /// Which write made the passage that each id has after `count` writes.
    private static func state(after count: Int) -> [Int: Int] {
        var state = Dictionary(uniqueKeysWithValues: (0..<idCount).map { ($0, 0) })
        guard count > 0 else { return state }
        for number in 1...count {
            switch write(number) {
            case .upsert(let ids): for id in ids { state[id] = number }
            case .delete(let ids): for id in ids { state[id] = nil }
            }
        }
        return state
    }

    /// Where the shard whose parent is the process `parent` works: a child knows nothing else of its parent.
    private static func directory(_ parent: Int32) -> String {
        FileManager.default.temporaryDirectory.appending(path: "imprag-test-shard-\(parent)")
            .path(percentEncoded: false)
    }

    private static func open(_ directory: String) throws -> PartitionEngine {
        let cluster = try ClusterConfiguration(
            text: """
                { "partitions": 1, "model": "m", "index": "i", "nodes": [
                    { "name": "s", "role": "shard", "listen": "ipc:///s", "partitions": [0], "recall_meter_share": 0 },
                    { "name": "c", "role": "coordinator" }, { "name": "g", "role": "generator", "listen": "ipc:///g" } ] }
                """, source: "test", directory: "/")
        guard case .shard(let settings) = try cluster.node(named: "s").role else {
            throw ImpRAGError(.internal, "no shard")
        }
        let partition = try Partition(path: directory + "/partition-0000", access: .readWrite)
        return try PartitionEngine(LivePartition(partition), settings: settings)
    }

    /// The same as the segment `number` has it.
    private static func changes(_ number: Int) -> [LoggedChange] {
        switch write(number) {
        case .upsert(let ids):
            ids.map { id in
                LoggedChange(
                    update: 0, .upsert(passage(id, number), vector: vector(id, number).map { BFloat16($0) }))
            }
        case .delete(let ids): ids.map { LoggedChange(update: 0, .delete(id: "p\($0)")) }
        }
    }

    /// Goes on after the acknowledged writes, with maintenance beside it, until it is killed. In a child process.
    private static func serveUntilKilled() throws {
        let directory = directory(getppid())
        let engine = try open(directory)
        let maintenance = try MaintenanceThread([engine.live], share: 1, log: { print($0) })
        defer { maintenance.stop() }
        let log = try FileHandle(forWritingTo: URL(filePath: directory + "/acknowledged"))
        var number = Int(try log.seekToEnd()) + 1
        let patience = Int(try String(contentsOfFile: directory + "/patience", encoding: .utf8)) ?? 1
        let milliseconds = (30 + number * 7919 % 500) * patience
        Thread {
            Thread.sleep(forTimeInterval: Double(milliseconds) / 1000)
            kill(getpid(), SIGKILL)
        }.start()
        while true {
            do throws(ImpRAGError) {
                _ = try engine.apply(changes(number), epoch: number)
            } catch {
                // While the first index is being built there is an end to what can wait for it.
                guard error.code == .resourceExhausted else { throw error }
                Thread.sleep(forTimeInterval: 0.01)
                continue
            }
            try log.write(contentsOf: Data([1]))  // One byte an acknowledged write: outlives the process.
            number += 1
        }
    }

    @Test(
        "whenever a shard is killed, acknowledged changes are found, deleted passages stay away, and lists agree with an exact search",
        .timeLimit(.minutes(5)))
    func killed() async throws {
        let directory = Self.directory(getpid())
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try Self.makePartition(directory)
        let log = URL(filePath: directory + "/acknowledged")
        try Data().write(to: log)
        var (moved, writes, round) = (0, 0, 0)
        var header: VectorIndexHeader?
        // On a slow machine a shard does little between two kills: more of them, further apart, until lists have grown
        // between some.
        while round < Self.kills || (round < 4 * Self.kills && (moved < 2 || writes <= 4 * Self.kills)) {
            defer { round += 1 }
            try "\(1 + round / Self.kills)".write(toFile: directory + "/patience", atomically: true, encoding: .utf8)
            await #expect(processExitsWith: .signal(SIGKILL)) { try Self.serveUntilKilled() }
            let acknowledged = try Data(contentsOf: log).count
            let engine = try Self.open(directory)
            // One more than was acknowledged may be there: the epoch says. The next child goes on after that one.
            writes = engine.epoch
            #expect(writes == acknowledged || writes == acknowledged + 1)
            #expect(
                try Self.holds(engine, Self.state(after: writes)),
                "after kill \(round): at epoch \(writes), \(engine.count) passages")
            try Data(repeating: 1, count: writes).write(to: log)
            Self.everyRowIsHeld(engine)
            try Self.searchesAgree(engine, seed: UInt64(round))
            // Each maintenance that came to its end wrote the index's header anew.
            let current = try engine.live.partition.indexHeader()
            if current != header { moved += 1 }
            header = current
            if round + 1 == Self.killsWithoutIndex {
                while try engine.live.maintain(pause: {}) {}
                #expect(engine.live.calibration != nil)
                (moved, header) = (0, try engine.live.partition.indexHeader())
            }
        }
        #expect(writes > 4 * Self.kills && moved > 1)
    }

    private static func makePartition(_ directory: String) throws {
        let writer = try PartitionWriter(
            path: directory + "/partition-0000",
            fingerprint: #require(Fingerprint(bytes: Array(repeating: 7, count: 32))),
            dimension: dimension, number: 0, partitionCount: 1)
        for first in stride(from: 0, to: idCount, by: 200) {
            let ids = first..<min(first + 200, idCount)
            try writer.append(
                ids.map { passage($0, 0) }, vectors: ids.flatMap { vector($0, 0).map { BFloat16($0) } })
        }
        _ = try writer.finish()
        try Partition(path: directory + "/partition-0000", access: .readWrite)
            .record(LogPosition(collection: .random(), epoch: 0))
    }

    /// Whether an exact search for everything finds what `state` says, and nothing else.
    private static func holds(_ engine: PartitionEngine, _ state: [Int: Int]) throws -> Bool {
        guard engine.count == state.count else { return false }
        let query = vector(0, 1 << 20)
        let hits = try engine.found(query, k: idCount + 100, options: SearchOptions(isExact: true))[0]
        guard hits.count == state.count else { return false }
        var scores: [String: Float] = [:]
        for (id, number) in state {
            scores["p\(id)"] = zip(query, vector(id, number)).reduce(0) { $0 + $1.0 * $1.1 }
        }
        let right = Dictionary(uniqueKeysWithValues: state.map { ("p\($0)", passage($0, $1)) })
        guard hits.allSatisfy({ right[$0.passage.id] == $0.passage }) else { return false }
        // Sums in another order differ in the last digits; another passage's vector gives another number altogether.
        #expect(hits.allSatisfy { abs($0.score - (scores[$0.passage.id] ?? .infinity)) < 0.05 })
        return true
    }

    /// Every live row is in a list or without one, and in no two places.
    private static func everyRowIsHeld(_ engine: PartitionEngine) {
        let snapshot = engine.live.state.withLock { $0.snapshot }
        var places = snapshot.flat.rows(in: snapshot.live).rows
        snapshot.coded?.forEachRow { row in
            if snapshot.live.contains(row) { places.append(row) }
        }
        var live: [Int] = []
        snapshot.live.forEach { live.append($0) }
        #expect(places.sorted() == live)
    }

    /// With every list scanned and nothing left out for its estimate, the index finds what an exact search finds.
    private static func searchesAgree(_ engine: PartitionEngine, seed: UInt64) throws {
        let queries = (0..<4).flatMap { vector($0, Int(seed) + 1 << 21) }
        let exact = try engine.live.search(queries, k: 10, options: SearchOptions(isExact: true), deadline: .never)
        let thorough = try engine.live.searchInDetail(
            queries, k: 10, plan: SearchPlan(probes: 1 << 16, margin: 1000, candidates: .max), deadline: .never)
        for (found, right) in zip(thorough.outcomes, exact) {
            // Two sums in different orders may rank rows of nearly the same score differently; a row that is missed
            // lets one through whose score is half a point lower, on average.
            #expect(found.hits.count == right.count && Set(found.hits.map(\.row)).count == right.count)
            let gaps = zip(found.hits, right).map { abs($0.score - $1.score) }
            #expect(gaps.allSatisfy { $0 < 0.001 }, "seed \(seed): \(found.hits), \(right)")
        }
        for filter in [Filter.range(field: "write", lower: Filter.Bound(2, isInclusive: true), upper: nil)] {
            var options = SearchOptions(filter: filter)
            let found = try engine.found(queries, k: 10, options: options)
            options.isExact = true
            let right = try engine.found(queries, k: 10, options: options)
            #expect(found.joined().allSatisfy { Int($0.passage.text).map { $0 >= 2 } ?? false })
            #expect(found.map(\.count) == right.map(\.count))
        }
    }
}
