import Core
import Foundation
import ObjectStore
import Synchronization
import TestSupport
import Testing
import VectorIndex

@testable import Storage

/// Collections that are spread over more partitions while they are written to.
@Suite struct ReshardTests {
    private static func reshard(
        _ written: WrittenCollection, to target: any ObjectStore, partitions: Int,
        progress: (ReshardProgress) throws(ImpRAGError) -> Void = { _ in }
    ) throws(ImpRAGError) -> StoredManifest {
        try CollectionReshard(
            of: written.collection, written.collection.manifest(deadline: .soon), to: StoredCollection(target),
            partitions: partitions, scratch: written.directory.file("resharding"), threads: 1
        ).run(deadline: .soon, progress: progress)
    }

    /// What the collection holds at the end of its log.
    private static func newest(_ store: any ObjectStore, _ written: WrittenCollection) throws -> [String: Passage] {
        let collection = StoredCollection(store)
        let stored = try collection.manifest(deadline: .soon)
        let copy = MemoryStore()
        let point = try collection.restorePoint(.newest, of: stored, deadline: .soon)
        _ = try CollectionCopy(
            of: collection, stored, at: point, to: StoredCollection(copy), scratch: written.directory.file("newest")
        ).run(deadline: .soon) { _ in }
        return try WrittenCollection.contents(of: copy)
    }

    @Test(
        "a collection of a multiple of the partitions holds the same, and follows until the end without losing an update"
    )
    func whole() throws {
        let written = try WrittenCollection(MemoryStore(), passages: 200)
        for _ in 0..<3 { try written.commitOne() }
        try written.checkpoint(0)
        try written.commit([.delete(id: "p1"), .delete(id: "p2")])
        let target = MemoryStore()
        let new = try Self.reshard(written, to: target, partitions: 6)
        #expect(new.identity.partitionCount == 6 && new.identity.id != written.id)
        #expect(new.manifest.firstEpoch == written.head + 1 && new.manifest.codeBytes == nil)
        #expect(try WrittenCollection.contents(of: target) == written.history[written.head])
        #expect(try WrittenCollection.verify(target).problems == [])
        #expect(try written.manifest.snapshots?.map(\.name) == ["reshard-6"])

        // It goes on being written to, and checkpointed.
        for _ in 0..<3 { try written.commitOne() }
        try written.checkpoint()
        try written.checkpoint()
        try written.commitOne()
        let follow = try CollectionFollow(of: written.collection, to: StoredCollection(target), deadline: .soon)
        #expect(try follow.catchUp(deadline: .soon) { _, _ in } == 4)
        #expect(try follow.catchUp(deadline: .soon) { _, _ in } == 0)
        #expect(try Self.newest(target, written) == written.history[written.head])
        let log = CollectionLog(StoredCollection(target), new)
        let refused = #expect(throws: ImpRAGError.self) { try log.commit([.delete("p3")], deadline: .soon) }
        #expect(refused?.code == .unavailable && refused?.cause is OtherCollection)

        // One more, with a key, that comes again afterwards.
        let key = UpdateKey.random()
        let last = LogUpdate([.delete(id: "p7")], key: key)
        let old = CollectionLog(written.collection, try written.collection.manifest(deadline: .soon))
        let place = try old.places(of: [last], deadline: .soon)
        try follow.close(deadline: .soon) { _, _ in }
        #expect(throws: ImpRAGError.self) { try old.commit([.delete("p8")], deadline: .soon) }
        try follow.open(deadline: .soon)
        #expect(try log.places(of: [last], deadline: .soon) == place)
        #expect(try log.commit([.delete("p9")], deadline: .soon) == place[0].epoch + 1)
        let contents = try Self.newest(target, written)
        #expect(contents["p7"] == nil && contents["p9"] == nil && contents["p8"] != nil)
        #expect(try written.manifest.snapshots == nil)
        #expect(try WrittenCollection.verify(target).problems == [])
    }

    @Test("new partitions take the size of codes from the old ones, unless another is named")
    func codeSize() throws {
        let written = try WrittenCollection(MemoryStore(), passages: 60)
        for (codes, expected) in [(nil, CodeSize.usual(dimension: 4)), (CodeSize.bytes32, .bytes32)] {
            let target = MemoryStore()
            let new = try CollectionReshard(
                of: written.collection, written.collection.manifest(deadline: .soon), to: StoredCollection(target),
                partitions: 6, scratch: written.directory.file("resharding"), threads: 1, codeSize: codes
            ).run(deadline: .soon) { _ in }
            #expect(new.manifest.codeBytes == codes?.rawValue)
            let replica = written.directory.file("replica-\(expected)")
            try StoredCollection(target).restore(
                partition: 5, epoch: new.manifest.partitions[5].checkpoint, to: replica, deadline: .soon
            ) { _, _ in }
            #expect(try Partition(path: replica).codeSize() == expected)
        }
    }

    @Test("a run that was stopped anywhere goes on behind the last partition that was done")
    func resumed() throws {
        let written = try WrittenCollection(passages: 60)
        for _ in 0..<3 { try written.commitOne() }
        let target = MemoryStore()
        var runs = 0
        var limit = 1
        while true {
            runs += 1
            try #require(runs < 200)
            let steps = Mutex(0)
            do throws(ImpRAGError) {
                _ = try Self.reshard(written, to: target, partitions: 4) { _ throws(ImpRAGError) in
                    let step = steps.withLock { steps in
                        steps += 1
                        return steps
                    }
                    if step >= limit { throw ImpRAGError(.cancelled, "stopped") }
                }
                break
            } catch {
                #expect(error.code == .cancelled)
                #expect(target["manifest.json"] == nil)
            }
            limit += 1
            if runs == 3 { try written.commitOne() }
        }
        #expect(runs > 3)
        let follow = try CollectionFollow(of: written.collection, to: StoredCollection(target), deadline: .soon)
        #expect(try follow.catchUp(deadline: .soon) { _, _ in } == 1)
        #expect(try Self.newest(target, written) == written.history[written.head])
        #expect(!FileManager.default.fileExists(atPath: written.directory.file("resharding")))
    }

    @Test("partitions that do not divide, and places that are taken, are refused")
    func refused() throws {
        let written = try WrittenCollection(MemoryStore())
        for count in [1, 2, 3, 5] {
            let error = #expect(throws: ImpRAGError.self) {
                try Self.reshard(written, to: MemoryStore(), partitions: count)
            }
            #expect(error?.code == .invalidArgument, "\(count)")
        }
        let taken = #expect(throws: ImpRAGError.self) { try Self.reshard(written, to: written.store, partitions: 4) }
        #expect(taken?.code == .failedPrecondition)
    }
}
