import Core
import Foundation
import ObjectStore
import Synchronization
import TestSupport
import Testing

@testable import Storage

/// Names for epochs, and new collections that are made of them.
@Suite struct SnapshotTests {
    @Test(
        "whatever is written, checkpointed and deleted: a snapshot is restored as it was, and an epoch as it was or not at all",
        arguments: [1, 2, 3], [true, false])
    func anyHistory(seed: UInt64, inMemory: Bool) throws {
        var generator = SeededGenerator(seed: seed)
        let written = try WrittenCollection(inMemory ? MemoryStore() : nil)
        var names: [String: Int] = [:]
        for step in 0..<40 {
            switch Int.random(in: 0..<8, using: &generator) {
            case 0: try written.checkpoint(Int.random(in: 0..<2, using: &generator))
            case 1:
                let snapshot = try written.collection.createSnapshot("s\(step)", deadline: .soon)
                #expect(snapshot.epoch == written.head)
                names[snapshot.name] = snapshot.epoch
            case 2 where names.count > 2:
                let name = try #require(names.keys.sorted().first)
                _ = try written.collection.deleteSnapshot(name, deadline: .soon)
                names[name] = nil
            default:
                try written.commit(
                    (0..<3).map { _ in .random(dimension: WrittenCollection.dimension, using: &generator) })
            }
        }
        #expect(try written.verify().problems == [])
        for (name, epoch) in names {
            let target = MemoryStore()
            let new = try written.restore(.snapshot(name), to: target)
            #expect(new.manifest.firstEpoch == epoch + 1 && new.identity.id != written.id)
            #expect(try WrittenCollection.contents(of: target) == written.history[epoch])
            #expect(try WrittenCollection.verify(target).problems == [])
        }
        var kept = 0
        for epoch in 0...written.head {
            let target = MemoryStore()
            let error = refusal { () throws(ImpRAGError) in _ = try written.restore(.epoch(epoch), to: target) }
            if let error {
                #expect(error.code == .failedPrecondition && error.message.contains("is not kept"))
                #expect(target.keys.isEmpty && !names.values.contains(epoch))
            } else {
                kept += 1
                #expect(try WrittenCollection.contents(of: target) == written.history[epoch])
            }
        }
        #expect(kept > 0)
        let newest = MemoryStore()
        _ = try written.restore(.newest, to: newest)
        #expect(try WrittenCollection.contents(of: newest) == written.history[written.head])
        // Nothing stays that only deleted names kept.
        for name in names.keys { _ = try written.collection.deleteSnapshot(name, deadline: .soon) }
        #expect(try written.verify().orphans.count == 0)
    }

    @Test("a snapshot that is made while checkpoints move on keeps what counts when it is written")
    func race() throws {
        let store = MemoryStore()
        let written = try WrittenCollection(store)
        try written.commitOne()
        // Another process, with the manifest from before, is about to delete.
        let before = try written.manifest
        let moves = Atomic(1)
        store.before { call in
            // Between the snapshot's look at the manifest and its write.
            guard call.kind == .list, call.key == "log/", moves.exchange(0, ordering: .relaxed) > 0 else {
                return nil
            }
            try? written.checkpoint()
            try? written.commitOne()
            return nil
        }
        let snapshot = try written.collection.createSnapshot("kept", deadline: .soon)
        store.before { _ in nil }
        #expect(moves.load(ordering: .relaxed) == 0 && snapshot.checkpoints == [1, 1] && snapshot.epoch == 2)
        let named = try written.manifest
        for _ in 0..<3 {
            try written.commitOne()
            try written.checkpoint()
        }
        for manifest in [before, named, try written.manifest] {
            _ = try written.collection.removeUnneeded(manifest, deadline: .soon)
        }
        #expect(try written.manifest.firstEpoch == 6)
        #expect(try written.verify().problems == [])
        let target = MemoryStore()
        _ = try written.restore(.snapshot("kept"), to: target)
        #expect(try WrittenCollection.contents(of: target) == written.history[2])
    }

    @Test("names that are taken, unknown or none are refused")
    func names() throws {
        let written = try WrittenCollection(MemoryStore(), passages: 2)
        let collection = written.collection
        #expect(try collection.createSnapshot("a-1_b.c", deadline: .soon).epoch == 0)
        func code(_ body: () throws(ImpRAGError) -> Void) -> ErrorCode? { refusal(body)?.code }
        #expect(code { () throws(ImpRAGError) in _ = try collection.createSnapshot("a-1_b.c", deadline: .soon) } == .failedPrecondition)
        for name in ["", ".a", "a/b", "é", "a b", String(repeating: "a", count: 65)] {
            #expect(code { () throws(ImpRAGError) in _ = try collection.createSnapshot(name, deadline: .soon) } == .invalidArgument)
        }
        #expect(code { () throws(ImpRAGError) in _ = try collection.deleteSnapshot("b", deadline: .soon) } == .notFound)
        #expect(code { () throws(ImpRAGError) in _ = try written.restore(.snapshot("b"), to: MemoryStore()) } == .notFound)
        #expect(code { () throws(ImpRAGError) in _ = try written.restore(.epoch(1), to: MemoryStore()) } == .failedPrecondition)
        #expect(try written.manifest.snapshots?.map(\.name) == ["a-1_b.c"])
        _ = try collection.deleteSnapshot("a-1_b.c", deadline: .soon)
        #expect(try written.manifest.snapshots == nil)
    }

    @Test("a manifest with snapshots that make no sense is refused")
    func hostile() throws {
        let test = try TestCollection()
        for snapshot in [
            IndexManifest.Snapshot(name: "a", epoch: 0, checkpoints: []),
            .init(name: "a", epoch: -1, checkpoints: [0, 0, 0, 0]), .init(name: "a", epoch: 3, checkpoints: [0, 0, 4, 0]),
            .init(name: "a", epoch: .max, checkpoints: [0, 0, 0, 0]), .init(name: "../a", epoch: 0, checkpoints: [0, 0, 0, 0]),
            .init(name: "a", epoch: 3, checkpoints: [0, 0, -1, 0]),
        ] {
            let refused = refusal { () throws(ImpRAGError) in
                _ = try test.collection.update(deadline: .soon) { $0.snapshots = [snapshot] }
            }
            #expect(refused?.code == .invalidArgument && refused?.message.contains("snapshot") == true)
            var manifest = test.manifest.manifest
            manifest.snapshots = [snapshot]
            test.store["manifest.json"] = try ChecksummedFile.bytes(of: manifest, as: "x")
            let damaged = refusal { () throws(ImpRAGError) in _ = try test.collection.manifest(deadline: .soon) }
            #expect(damaged?.code == .dataLoss)
            test.store["manifest.json"] = try ChecksummedFile.bytes(of: test.manifest.manifest, as: "x")
        }
    }
}
