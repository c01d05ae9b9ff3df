import Core
import Foundation
import ObjectStore
import Synchronization
import TestSupport
import Testing

@Suite struct StoreWrapperTests {
    @Test("a folder of a store is a store, and what is beside it is not in it")
    func folder() throws {
        let directory = try TemporaryDirectory()
        for base in [MemoryStore(), try DirectoryStore(path: directory.path)] as [any ObjectStore] {
            let deadline = Deadline.after(milliseconds: 60_000)
            let folder = try StoreFolder("a/b", of: base)
            for key in ["a/b/c", "a/b/d/e", "a/b-c", "a/c", "z"] {
                _ = try base.put([1], as: ObjectKey(key), if: .always, deadline: deadline)
            }
            #expect(try folder.list("", after: nil, limit: 9, deadline: deadline).map(\.key.text) == ["c", "d/e"])
            #expect(try folder.list("", after: ObjectKey("c"), limit: 9, deadline: deadline).map(\.key.text) == ["d/e"])
            try StoreCheck(folder, deadline: deadline).run { _, _ in }
            #expect(folder.name == "\(base.name)/a/b")
        }
        #expect(throws: ImpRAGError.self) { try StoreFolder("../a", of: MemoryStore()) }
    }

    @Test("each call of a bounded store has a time of its own")
    func bounded() throws {
        let store = MemoryStore()
        let bounded = BoundedStore(store)
        try StoreCheck(bounded, deadline: .never).run { _, _ in }
        store.before { _ in
            Thread.sleep(forTimeInterval: 0.05)
            return nil
        }
        let short = BoundedStore(store, milliseconds: 1)
        #expect(throws: ImpRAGError.self) { try short.get(ObjectKey("a"), limit: 1, deadline: .never) }
        #expect(try bounded.get(ObjectKey("a"), limit: 1, deadline: .never) == nil)
    }

    @Test("a directory that is to be there is not made, and needs nothing of its own to be read")
    func existing() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("none")
        #expect(throws: ImpRAGError.self) { try openObjectStore(path, environment: [:], isThere: true) }
        #expect(!FileManager.default.fileExists(atPath: path))
        try Data([1]).write(to: URL(filePath: directory.file("a")))
        #expect(throws: ImpRAGError.self) { try DirectoryStore(existing: directory.file("a")) }
        let store = try openObjectStore(directory.path, environment: [:], isThere: true)
        #expect(try store.get(ObjectKey("a"), limit: 1, deadline: .never)?.bytes == [1])
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["a"])
    }
}
