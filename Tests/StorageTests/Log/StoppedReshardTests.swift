import Core
import Foundation
import ObjectStore
import Synchronization
import TestSupport
import Testing
import VectorIndex

@testable import Storage

/// Collections whose spreading over more partitions is ended anywhere and begun again.
@Suite struct StoppedReshardTests {
    /// All of `imprag reshard --alias`, but the alias.
    private static func reshard(
        _ written: WrittenCollection, to target: MemoryStore, codes: CodeSize? = nil
    ) throws(ImpRAGError) {
        let new = StoredCollection(target)
        let stored = try written.collection.manifest(deadline: .soon)
        if stored.manifest.isClosed == true, target["manifest.json"] != nil,
            try new.manifest(deadline: .soon).manifest.follows == nil
        {
            return try CollectionFollow.release(written.collection, partitions: 4, deadline: .soon)
        }
        _ = try CollectionReshard(
            of: written.collection, stored, to: new, partitions: 4, scratch: written.directory.file("resharding"),
            threads: 1, codeSize: codes
        ).run(deadline: .soon) { _ in }
        let follow = try CollectionFollow(of: written.collection, to: new, deadline: .soon)
        try follow.close(deadline: .soon) { _, _ in }
        try follow.open(deadline: .soon)
    }

    /// Lets writes through until the one of number `end`, counted from 0, and nothing after it: what a process leaves
    /// that was killed then.
    private static func cut(_ stores: [MemoryStore], at end: Int, with fault: MemoryStore.Fault) {
        let writes = Mutex(0)
        for store in stores {
            store.before { call in
                guard [.put, .upload, .delete].contains(call.kind) else {
                    return writes.withLock { $0 } > end ? .notDone(.unavailable) : nil
                }
                let number = writes.withLock { writes in
                    defer { writes += 1 }
                    return writes
                }
                return number < end ? nil : number == end ? fault : .notDone(.unavailable)
            }
        }
    }

    /// The writes to try, one of each kind, of a run that nobody disturbs.
    private static func moments(_ calls: [MemoryStore.Call]) -> [Int] {
        let writes = calls.filter { [.put, .upload, .delete].contains($0.kind) }
        var seen: Set<String> = []
        return writes.indices.filter { number in
            let words = writes[number].key.split(separator: "/")
            // Of a checkpoint's files one of many.
            let kind = words.count == 4 && words[3] != "contents.json" ? "\(words[1])" : "\(number)"
            return seen.insert("\(writes[number].kind) \(kind)").inserted
        }
    }

    @Test("a run that is killed at any write goes on to the same collection, and leaves nothing behind in either")
    func killed() throws {
        let source = MemoryStore(name: "source")
        let written = try WrittenCollection(source, passages: 12)
        try written.commitOne()
        try written.checkpoint(0)
        try written.commitOne()
        let before = try #require(source["manifest.json"])
        let first = MemoryStore()
        let start = source.calls.count
        // In the order of both: of the source only its manifest is written, first and last.
        try Self.reshard(written, to: first)
        let own = source.calls[start...].filter { $0.kind == .put }
        try #require(own.count == 3)
        let moments = Self.moments([own[own.startIndex]] + first.calls + own.dropFirst())
        try #require(moments.count > 12)
        for moment in moments {
            for fault in [MemoryStore.Fault.notDone(.unavailable), .done(.unavailable)] {
                let target = MemoryStore()
                source["manifest.json"] = before
                Self.cut([source, target], at: moment, with: fault)
                #expect(throws: ImpRAGError.self) { try Self.reshard(written, to: target) }
                for store in [source, target] { store.before { _ in nil } }
                // What the next run of the command begins with.
                try? FileManager.default.removeItem(atPath: written.directory.file("resharding"))
                try Self.reshard(written, to: target)
                let report = try WrittenCollection.verify(target)
                #expect(report.problems == [] && report.orphans.count == 0, "\(moment) \(fault): \(report.orphanKeys)")
                #expect(target["draft.json"] == nil)
                let (old, new) = (try written.manifest, try StoredCollection(target).manifest(deadline: .soon).manifest)
                #expect(old.isClosed == true && old.snapshots == nil && new.isClosed == nil && new.follows == nil)
                #expect(try WrittenCollection.contents(of: target) == written.history[written.head], "\(moment)")
                #expect(try written.verify().problems == [])
            }
        }
    }

    @Test("a run that was stopped is not gone on with in another size of codes; with its own it is")
    func codeSizes() throws {
        let written = try WrittenCollection(MemoryStore(), passages: 60)
        let target = MemoryStore()
        // In the middle of the second old partition.
        target.before { $0.key.hasPrefix("checkpoint/0003") ? .notDone(.unavailable) : nil }
        #expect(throws: ImpRAGError.self) { try Self.reshard(written, to: target, codes: .bytes32) }
        target.before { _ in nil }
        for (codes, words) in [(nil, "as in the source"), (CodeSize.bytes64, "of 64 bytes")] {
            let refused = #expect(throws: ImpRAGError.self) { try Self.reshard(written, to: target, codes: codes) }
            #expect(refused?.code == .failedPrecondition)
            #expect(refused?.message.contains("its codes are of 32 bytes, and now \(words)") == true)
        }
        let other = #expect(throws: ImpRAGError.self) {
            try CollectionReshard(
                of: written.collection, written.collection.manifest(deadline: .soon), to: StoredCollection(target),
                partitions: 6, scratch: written.directory.file("resharding"), threads: 1, codeSize: .bytes32
            ).run(deadline: .soon) { _ in }
        }
        #expect(other?.message.contains("it gets 4 partitions, and now 6 partitions") == true)
        // What is refused leaves no snapshot in the source.
        #expect(try written.manifest.snapshots?.map(\.name) == ["reshard-4"])
        _ = try CollectionReshard(
            of: written.collection, written.collection.manifest(deadline: .soon), to: StoredCollection(target),
            partitions: 4, scratch: written.directory.file("resharding"), threads: 1, codeSize: .bytes32
        ).run(deadline: .soon) { _ in }
        for number in 0..<4 {
            let replica = written.directory.file("replica-\(number)")
            try StoredCollection(target).restore(partition: number, epoch: 0, to: replica, deadline: .soon) { _, _ in }
            #expect(try Partition(path: replica).codeSize() == .bytes32)
        }
        // It is whole now, and only followed.
        let late = #expect(throws: ImpRAGError.self) { try Self.reshard(written, to: target, codes: .bytes64) }
        #expect(late?.message.contains("with codes of 32 bytes") == true)
        try Self.reshard(written, to: target)
    }

    @Test("a copy that was killed behind its manifest is taken for done by the same command")
    func copied() throws {
        let written = try WrittenCollection(MemoryStore(), passages: 12)
        let target = MemoryStore()
        target.before { $0.kind == .delete && $0.key == "draft.json" ? .notDone(.unavailable) : nil }
        #expect(throws: ImpRAGError.self) { try written.restore(.newest, to: target) }
        target.before { _ in nil }
        let manifest = try #require(target["manifest.json"])
        let report = try WrittenCollection.verify(target)
        #expect(report.problems == [] && report.orphanKeys == ["draft.json"])
        _ = try written.restore(.newest, to: target)
        #expect(target["manifest.json"] == manifest && target["draft.json"] == nil)
        let again = #expect(throws: ImpRAGError.self) { try written.restore(.newest, to: target) }
        #expect(again?.message.contains("holds a collection already") == true)
    }
}
