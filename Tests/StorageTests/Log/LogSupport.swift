import Core
import ObjectStore
import Synchronization
import TestSupport

@testable import Storage

extension Deadline {
    static var soon: Deadline { .after(milliseconds: 60_000) }
}

extension IndexManifest {
    /// Of a collection without passages.
    static func sample(
        collection: CollectionID = .random(), dimension: Int = 3, partitions: Int = 4, firstEpoch: Int = 1
    ) -> IndexManifest {
        IndexManifest(
            collection: collection.description, firstEpoch: firstEpoch,
            fingerprint: String(repeating: "5a", count: 32), model: "none", dimension: dimension,
            partitions: (0..<partitions).map {
                Partition(directory: "partition-000\($0)", passages: 0, checksum: "", checkpoint: firstEpoch - 1)
            },
            corpus: Corpus(
                files: [], formatName: nil, wordsPerPassage: 100, skipsBadLines: false, arithmetic: "bf16",
                batchRows: 1,
                documents: 0, duplicates: 0, badLines: 0))
    }
}

/// A collection in a store.
struct TestCollection {
    let store: MemoryStore
    let collection: StoredCollection
    let manifest: StoredManifest

    init(_ manifest: IndexManifest = .sample()) throws {
        store = MemoryStore()
        collection = StoredCollection(store)
        self.manifest = try collection.write(manifest, deadline: .soon)
    }

    /// As another process would have one.
    func log() -> CollectionLog { CollectionLog(collection, manifest) }

    /// Moves the log's beginning to `epoch`, as after checkpoints, and deletes what is before it.
    func forget(before epoch: Int) throws {
        _ = try collection.update(deadline: .soon) { manifest in
            manifest.firstEpoch = epoch
            for place in manifest.partitions.indices { manifest.partitions[place].checkpoint = epoch - 1 }
        }
        for key in store.keys where key.hasPrefix("log/") {
            if let old = try CollectionKey.epoch(ofSegment: ObjectKey(key)), old < epoch { store[key] = nil }
        }
    }
}

extension CollectionLog {
    func commit(_ updates: LogUpdate...) throws(ImpRAGError) -> Int { try commit(updates, deadline: .soon) }

    func head() throws(ImpRAGError) -> Int { try head(deadline: .soon) }

    func entry(_ epoch: Int, _ partitions: Set<Int>? = nil) throws(ImpRAGError) -> LogEntry? {
        try entry(epoch, partitions: partitions ?? Set(0..<identity.partitionCount), deadline: .soon)
    }

    /// The ids that a segment changes, of all partitions; nil where there is none.
    func ids(_ epoch: Int) throws(ImpRAGError) -> Set<String>? {
        try entry(epoch).map { entry in Set(entry.changes.values.flatMap { $0 }.map(\.change.id)) }
    }
}

extension LogUpdate {
    static func delete(_ ids: String...) -> LogUpdate { LogUpdate(ids.map { .delete(id: $0) }) }

    static func upsert(_ id: String, dimension: Int = 3) -> LogUpdate {
        LogUpdate([
            .upsert(
                Passage(id: id, title: "", text: "text of \(id)"),
                vector: [BFloat16](repeating: BFloat16(1), count: dimension))
        ])
    }

    static func random(dimension: Int, using generator: inout SeededGenerator) -> LogUpdate {
        LogUpdate(
            (0..<Int.random(in: 1...12, using: &generator)).map { _ in
                .random(dimension: dimension, using: &generator)
            })
    }
}

extension PassageChange {
    static func random(dimension: Int, using generator: inout SeededGenerator) -> PassageChange {
        // Few ids: many come again.
        let id = "id-\(Int.random(in: 0..<40, using: &generator))-é"
        guard Int.random(in: 0..<3, using: &generator) > 0 else { return .delete(id: id) }
        var metadata: [ByteString: MetadataValue] = [:]
        if Bool.random(using: &generator) {
            metadata["year"] = .number(Number(Double(Int.random(in: 0..<3000, using: &generator))))
        }
        if Bool.random(using: &generator) { metadata["tags"] = .strings(["a", "", "日本"]) }
        if Bool.random(using: &generator) { metadata["kind"] = .string("note") }
        let text = String(repeating: "w ", count: Int.random(in: 1..<60, using: &generator)) + "."
        let title = Bool.random(using: &generator) ? "" : "Title \(Int.random(in: 0..<100, using: &generator))"
        return .upsert(
            Passage(id: id, title: title, text: text, metadata: metadata),
            vector: (0..<dimension).map { _ in BFloat16(Float.random(in: -9...9, using: &generator)) })
    }
}

/// A clock that a test moves.
final class ManualClock: Clock {
    private let time = Mutex(ContinuousClock.now)

    var now: ContinuousClock.Instant { time.withLock { $0 } }

    func advance(_ duration: Duration) { time.withLock { $0 += duration } }

    /// Nothing here waits.
    func schedule(at instant: ContinuousClock.Instant, _ body: @escaping @Sendable () -> Void) -> Alarm { Alarm {} }
}
