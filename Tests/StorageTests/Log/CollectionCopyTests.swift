import Core
import Foundation
import ObjectStore
import Synchronization
import TestSupport
import Testing

@testable import Storage

@Suite struct CollectionCopyTests {
    @Test("a run that is stopped anywhere makes no collection, and the next one goes on with it")
    func stopped() throws {
        let written = try WrittenCollection()
        for _ in 0..<3 { try written.commitOne() }
        try written.checkpoint(0)
        try written.commitOne()
        let target = MemoryStore()
        var ids: Set<String> = []
        var done: StoredManifest?
        for stop in 1... {
            var calls = 0
            let error = refusal { () throws(ImpRAGError) in
                done = try written.restore(.newest, to: target) { _ throws(ImpRAGError) in
                    calls += 1
                    if calls == stop { throw ImpRAGError(.cancelled, "stopped") }
                }
            }
            guard let error else { break }
            try #require(error.code == .cancelled, "\(error)")
            #expect(target["manifest.json"] == nil)
            #expect(!FileManager.default.fileExists(atPath: written.directory.file("copying")))
            let draft = try #require(try CollectionDraft.read(from: StoredCollection(target), deadline: .soon))
            ids.insert(draft.draft.collection)
        }
        #expect(ids == [try #require(done).manifest.collection])
        #expect(target["draft.json"] == nil)
        #expect(try WrittenCollection.contents(of: target) == written.history[written.head])
        let report = try WrittenCollection.verify(target)
        #expect(report.problems == [] && report.orphans.count == 0 && report.epoch == 4)
    }

    @Test("partitions that an earlier run completed are not made again")
    func goesOn() throws {
        let written = try WrittenCollection()
        let target = MemoryStore()
        let stopped = refusal { () throws(ImpRAGError) in
            _ = try written.restore(.newest, to: target) { progress throws(ImpRAGError) in
                if progress.partition == 1 { throw ImpRAGError(.cancelled, "stopped") }
            }
        }
        #expect(stopped?.code == .cancelled)
        var partitions: Set<Int> = []
        _ = try written.restore(.newest, to: target) { partitions.insert($0.partition) }
        #expect(partitions == [1])
    }

    @Test("both take updates afterwards, and neither reads the other's")
    func separate() throws {
        let written = try WrittenCollection()
        try written.commitOne()
        let target = MemoryStore()
        let new = try written.restore(.newest, to: target)
        try written.commitOne()
        let copy = StoredCollection(target)
        let log = CollectionLog(copy, new)
        #expect(try log.head() == 1 && log.commit(.upsert("other", dimension: 4)) == 2)
        #expect(try log.ids(2) == ["other"])
        // A segment of the one in the other's place is not taken for its own.
        target["log/00000000000000000002"] = try #require(
            try written.store.get(CollectionKey.segment(2), limit: 1 << 20, deadline: .soon)?.bytes)
        let foreign = refusal { () throws(ImpRAGError) in _ = try log.entry(2) }
        #expect(foreign?.code == .dataLoss && foreign?.message.contains("belongs to the collection") == true)
    }

    @Test("a copy from directory to directory shares its tables' room with the source, and leaves the source alone")
    func directories() throws {
        let written = try WrittenCollection()
        let before = try written.manifest
        let target = try DirectoryStore(path: written.directory.file("copy"))
        _ = try written.restore(.newest, to: target)
        #expect(try written.manifest == before && written.verify().problems == [])
        #expect(try IndexDirectory(path: target.path).manifest.collection != before.collection)
        #expect(try WrittenCollection.contents(of: target) == written.history[0])
    }

    @Test("what is at the target already is never touched")
    func refused() throws {
        let written = try WrittenCollection()
        try written.commitOne()
        func message(_ target: MemoryStore, _ wish: RestoreWish = .newest) -> String {
            let keys = target.keys
            let refused = refusal { () throws(ImpRAGError) in _ = try written.restore(wish, to: target) }
            #expect(refused?.code == .failedPrecondition && target.keys == keys)
            return refused?.message ?? ""
        }
        let other = MemoryStore()
        other["some/file"] = [1]
        #expect(message(other).contains("is not empty: it holds some/file"))
        let taken = MemoryStore()
        _ = try WrittenCollection(taken, passages: 2)
        #expect(message(taken).contains("holds a collection already"))
        // Half a copy of another collection.
        let half = MemoryStore()
        let third = try WrittenCollection(passages: 2)
        let stopped = refusal { () throws(ImpRAGError) in
            _ = try third.restore(.newest, to: half) { _ throws(ImpRAGError) in
                throw ImpRAGError(.cancelled, "stopped")
            }
        }
        #expect(stopped?.code == .cancelled)
        #expect(message(half).contains("the beginnings of another collection"))
        // Of the same one, at another epoch: it begins anew, and what is left behind goes.
        let earlier = MemoryStore()
        _ = refusal { () throws(ImpRAGError) in
            _ = try written.restore(.epoch(0), to: earlier) { progress throws(ImpRAGError) in
                if progress.partition == 1 { throw ImpRAGError(.cancelled, "stopped") }
            }
        }
        _ = try written.restore(.newest, to: earlier)
        #expect(try WrittenCollection.verify(earlier).orphans.count == 0)
        #expect(try WrittenCollection.contents(of: earlier) == written.history[1])
    }

    @Test("a source that deletes what is read, because it goes on, is told from a damaged one")
    func overtaken() throws {
        let written = try WrittenCollection()
        try written.commitOne()
        var moves = 1
        let overtaken = refusal { () throws(ImpRAGError) in
            _ = try written.restore(.newest, to: MemoryStore()) { progress throws(ImpRAGError) in
                guard progress.partition == 1, moves > 0 else { return }
                moves -= 1
                try? written.checkpoint()
                try? written.commitOne()
                try? written.checkpoint()
            }
        }
        #expect(overtaken?.code == .failedPrecondition && overtaken?.message.contains("imprag snapshot create") == true)
        try written.commitOne()
        try written.store.delete(CollectionKey.segment(written.head), deadline: .soon)
        try written.commitLost()
        let lost = refusal { () throws(ImpRAGError) in _ = try written.restore(.newest, to: MemoryStore()) }
        #expect(lost?.code == .dataLoss && lost?.message.contains("log/00000000000000000003 is missing") == true)
    }

    // MARK: Deletion

    @Test("a deletion takes the manifest first, can be stopped anywhere and go on, and leaves other objects")
    func deletion() throws {
        for stop in 0... {
            let store = MemoryStore()
            let written = try WrittenCollection(store, passages: 4)
            try written.commitOne()
            store["corpus.jsonl"] = [1]
            store["log/readme"] = [1]
            let count = store.keys.count - 2
            var calls = 0
            let stopped = refusal { () throws(ImpRAGError) in
                _ = try written.collection.delete(deadline: .soon) { _ throws(ImpRAGError) in
                    if calls == stop { throw ImpRAGError(.cancelled, "stopped") }
                    calls += 1
                }
            }
            #expect((store["manifest.json"] == nil) == (stop > 0))
            if stopped != nil {
                let rest = try written.collection.delete(deadline: .soon) { _ throws(ImpRAGError) in }
                #expect(rest.count == count - stop)
            }
            #expect(store.keys == ["corpus.jsonl", "log/readme"])
            let none = refusal { () throws(ImpRAGError) in
                _ = try written.collection.delete(deadline: .soon) { _ throws(ImpRAGError) in }
            }
            #expect(none?.code == .notFound)
            if stopped == nil { break }
        }
    }

    @Test("a deletion leaves no segment that was committed before the manifest was gone")
    func deletionBesideCommits() throws {
        let store = MemoryStore()
        let written = try WrittenCollection(store, passages: 4)
        let hasCommitted = Mutex(false)
        store.before { call in
            guard call.kind == .delete, call.key == "manifest.json" else { return nil }
            if !hasCommitted.withLock({ $0 }) {
                hasCommitted.withLock { $0 = true }
                #expect(throws: Never.self) { try written.commitOne() }
            }
            return nil
        }
        _ = try written.collection.delete(deadline: .soon) { _ throws(ImpRAGError) in }
        #expect(hasCommitted.withLock { $0 } && store.keys.isEmpty)
    }

    // MARK: Listing

    @Test("collections are found however deep, beside damaged ones and what is none", arguments: [true, false])
    func list(inMemory: Bool) throws {
        let directory = try TemporaryDirectory()
        let store: any ObjectStore = inMemory ? MemoryStore() : try DirectoryStore(path: directory.path)
        let first = try WrittenCollection(StoreFolder("wiki/a", of: store), passages: 6)
        try first.commitOne()
        try first.checkpoint(1)
        _ = try WrittenCollection(StoreFolder("wiki/b-2/deep", of: store), passages: 2)
        _ = try WrittenCollection(StoreFolder("x", of: store), passages: 2)
        func put(_ text: String, _ key: String) throws {
            _ = try store.put(Array(text.utf8), as: ObjectKey(key), if: .always, deadline: .soon)
        }
        try put("{}", "x/manifest.json")
        try put("{}", "web/manifest.json")
        try put("{}", "wiki/a/partition-0000/manifest.json")
        for number in 100..<500 { try put("", "wiki/a/partition-0000/\(number)") }
        let found = try CollectionList(store, deadline: .soon).collections()
        #expect(found.map(\.name) == ["wiki/a", "wiki/b-2/deep", "x"])
        let figures = try found[0].figures.get()
        #expect(figures.epoch == 1 && figures.manifest.passages == 6 && figures.bytes > 0)
        #expect(figures.manifest.partitions.map(\.checkpoint) == [0, 1])
        #expect(throws: ImpRAGError.self) { try found[2].figures.get() }
        let whole = try CollectionList(StoreFolder("wiki/a", of: store), deadline: .soon).collections()
        #expect(whole.map(\.name) == [""])
    }
}
