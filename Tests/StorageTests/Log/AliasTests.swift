import Core
import ObjectStore
import TestSupport
import Testing

@testable import Storage

/// Names that stand for collections.
@Suite struct AliasTests {
    /// A store with the collections `wiki-1` and `wiki-2`.
    private static func store() throws -> (MemoryStore, CollectionAliases) {
        let store = MemoryStore()
        for name in ["wiki-1", "wiki-2"] {
            try StoredCollection(StoreFolder(name, of: store)).write(.sample(), deadline: .soon)
        }
        return (store, CollectionAliases(store))
    }

    @Test("an alias is set, moved, listed and deleted; with an expectation only from there")
    func life() throws {
        let (store, aliases) = try Self.store()
        #expect(try aliases.collection(of: "wiki", deadline: .soon) == nil)
        #expect(try aliases.set("wiki", to: "wiki-1", deadline: .soon) == nil)
        #expect(try aliases.set("wiki", to: "wiki-2", expecting: "wiki-1", deadline: .soon) == "wiki-1")
        let late = #expect(throws: ImpRAGError.self) {
            try aliases.set("wiki", to: "wiki-1", expecting: "wiki-1", deadline: .soon)
        }
        #expect(late?.code == .failedPrecondition && late?.message.contains("stands for wiki-2") == true)
        _ = try aliases.set("old", to: "wiki-1", deadline: .soon)
        #expect(
            try aliases.all(deadline: .soon).map { [$0.name, $0.collection] } == [
                ["old", "wiki-1"], ["wiki", "wiki-2"],
            ])
        // A store with aliases is listed as before.
        #expect(try CollectionList(store, deadline: .soon).collections().map(\.name) == ["wiki-1", "wiki-2"])
        try aliases.delete("wiki", deadline: .soon)
        #expect(try aliases.collection(of: "wiki", deadline: .soon) == nil)
        #expect(#expect(throws: ImpRAGError.self) { try aliases.delete("wiki", deadline: .soon) }?.code == .notFound)
    }

    @Test("an alias to no collection, and names that are none or taken, are refused")
    func refused() throws {
        let (store, aliases) = try Self.store()
        func code(_ name: String, _ collection: String) -> ErrorCode? {
            #expect(throws: ImpRAGError.self) { try aliases.set(name, to: collection, deadline: .soon) }?.code
        }
        #expect(code("wiki", "wiki-3") == .notFound)
        #expect(code("wiki-2", "wiki-1") == .failedPrecondition)
        for name in ["", "a/b", ".a", "a b", "manifest.json", String(repeating: "a", count: 65)] {
            #expect(code(name, "wiki-1") == .invalidArgument, "\(name)")
        }
        #expect(try aliases.all(deadline: .soon).isEmpty)
        #expect(!store.keys.contains { $0.hasPrefix("alias/") })
    }

    @Test("a damaged alias is named, and can be deleted")
    func damaged() throws {
        let (store, aliases) = try Self.store()
        _ = try aliases.set("wiki", to: "wiki-1", deadline: .soon)
        var bytes = try #require(store["alias/wiki"])
        bytes[10] ^= 1
        store["alias/wiki"] = bytes
        let error = #expect(throws: ImpRAGError.self) { try aliases.collection(of: "wiki", deadline: .soon) }
        #expect(error?.code == .dataLoss && error?.message.contains("memory/alias/wiki") == true)
        try aliases.delete("wiki", deadline: .soon)
        #expect(try aliases.set("wiki", to: "wiki-2", deadline: .soon) == nil)
    }

    @Test("of several who move an alias from one place, one moves it")
    func race() throws {
        let (store, aliases) = try Self.store()
        _ = try aliases.set("wiki", to: "wiki-1", deadline: .soon)
        // Somebody else is faster between the look and the write.
        store.before { call in
            guard call.kind == .put else { return nil }
            store.before { _ in nil }
            #expect(throws: Never.self) { _ = try aliases.set("wiki", to: "wiki-2", deadline: .soon) }
            return nil
        }
        let error = #expect(throws: ImpRAGError.self) {
            try aliases.set("wiki", to: "wiki-1", expecting: "wiki-1", deadline: .soon)
        }
        #expect(error?.code == .failedPrecondition)
        #expect(try aliases.collection(of: "wiki", deadline: .soon) == "wiki-2")
    }

    @Test("a location's last word is the collection's name, and what is before it the store with its aliases")
    func locations() {
        func parts(_ location: String) -> [String]? { CollectionLocation(location).map { [$0.root, $0.name] } }
        #expect(parts("s3://wiki/wiki-1") == ["s3://wiki", "wiki-1"])
        #expect(parts("s3://wiki/a/wiki-1/?region=x") == ["s3://wiki/a?region=x", "wiki-1"])
        #expect(parts("s3://wiki") == nil && parts("s3://wiki/?region=x") == nil && parts("/") == nil)
        #expect(parts("/srv/imprag/wiki-1/") == ["/srv/imprag/", "wiki-1"])
        #expect(parts("/srv/./x/../wiki-1") == ["/srv/", "wiki-1"])
    }
}
