import Core
import Foundation
import ObjectStore
import TestSupport
import Testing

@testable import Storage

@Suite struct CollectionTests {
    @Test("keys sort as epochs do, and only a segment's key is read as one")
    func keys() throws {
        let epochs = [1, 9, 10, 99, 1_000_000, CollectionKey.epochLimit - 1]
        let keys = try epochs.map { epoch throws(ImpRAGError) in try CollectionKey.segment(epoch) }
        #expect(keys == keys.sorted())
        #expect(keys[2].text == "log/00000000000000000010")
        #expect(keys.map(CollectionKey.epoch(ofSegment:)) == epochs)
        for text in [
            "log/10", "log/0000000000000000001x", "log/-0000000000000000010", "log/99999999999999999999",
            "log/0\(Int.max)", "manifest.json",
        ] {
            #expect(CollectionKey.epoch(ofSegment: try ObjectKey(text)) == nil, "\(text)")
        }
        let file = try CollectionKey.checkpoint(partition: 3, epoch: 42, "contents.json")
        #expect(file.text == "checkpoint/0003/00000000000000000042/contents.json")
        let checkpoint = try #require(CollectionKey.checkpoint(ofFile: file))
        #expect(checkpoint == (3, 42))
        #expect(
            CollectionKey.checkpoint(ofFile: try ObjectKey("checkpoint/3/00000000000000000042/contents.json")) == nil)
        #expect(try CollectionKey.checkpointClaim(partition: 3).text == "claim/checkpoint-0003")
    }

    @Test("a collection begins with its manifest, once")
    func beginning() throws {
        let collection = StoredCollection(MemoryStore())
        let missing = #expect(throws: ImpRAGError.self) { try collection.manifest(deadline: .soon) }
        #expect(missing?.code == .notFound)
        #expect(missing?.message.hasPrefix("there is no collection in memory: manifest.json is missing") == true)
        let manifest = IndexManifest.sample()
        let written = try collection.write(manifest, deadline: .soon)
        let read = try collection.manifest(deadline: .soon)
        #expect(read.manifest == manifest && read.version == written.version)
        #expect(read.identity.id.description == manifest.collection && read.identity.partitionCount == 4)
        let second = #expect(throws: ImpRAGError.self) { try collection.write(.sample(), deadline: .soon) }
        #expect(second?.code == .failedPrecondition)
        let other = try #require(Fingerprint(bytes: [UInt8](repeating: 9, count: 32)))
        let wrong = #expect(throws: ImpRAGError.self) { try collection.manifest(expecting: other, deadline: .soon) }
        #expect(wrong?.code == .failedPrecondition)
    }

    @Test("a manifest is replaced once, and an update that was overtaken begins again")
    func races() throws {
        let test = try TestCollection()
        var first = test.manifest.manifest
        first.model = "first"
        var second = test.manifest.manifest
        second.model = "second"
        let replaced = try #require(try test.collection.replace(test.manifest, by: first, deadline: .soon))
        #expect(try test.collection.replace(test.manifest, by: second, deadline: .soon) == nil)
        #expect(replaced.manifest == first)

        var attempts = 0
        let stored = try test.collection.update(deadline: .soon) { manifest throws(ImpRAGError) in
            attempts += 1
            if attempts < 3 {
                // Another writer is faster.
                var other = manifest
                other.words = .init(weight: Double(attempts), questions: 1, areGiven: true)
                _ = try test.collection.replace(
                    try test.collection.manifest(deadline: .soon), by: other, deadline: .soon)
            }
            manifest.model = "changed"
        }
        #expect(attempts == 3)
        #expect(stored.manifest.model == "changed" && stored.manifest.words?.weight == 2)
        let puts = test.store.calls.filter { $0.kind == .put }.count
        _ = try test.collection.update(deadline: .soon) { $0.model = "changed" }
        #expect(test.store.calls.filter { $0.kind == .put }.count == puts)
    }

    @Test("many writers change one manifest at once and lose no change")
    func manyWriters() throws {
        let directory = try TemporaryDirectory()
        _ = try StoredCollection(DirectoryStore(path: directory.path)).write(.sample(), deadline: .soon)
        DispatchQueue.concurrentPerform(iterations: 6) { writer in
            for round in 0..<5 {
                let file = IndexManifest.File(path: "\(writer)-\(round)", bytes: 0, sha256: "")
                #expect(throws: Never.self) {
                    try StoredCollection(DirectoryStore(path: directory.path)).update(deadline: .soon) {
                        $0.corpus.files.append(file)
                    }
                }
            }
        }
        let now = try StoredCollection(DirectoryStore(path: directory.path)).manifest(deadline: .soon)
        #expect(now.manifest.corpus.files.count == 30 && Set(now.manifest.corpus.files.map(\.path)).count == 30)
    }

    @Test("a manifest that makes no sense is not written, and not read")
    func nonsense() throws {
        let changes: [(String, (inout IndexManifest) -> Void)] = [
            ("`collection`", { $0.collection = "xy" }),
            ("`fingerprint`", { $0.fingerprint = "" }),
            ("`dimension`", { $0.dimension = 0 }),
            ("partitions", { $0.partitions = [] }),
            ("`firstEpoch`", { $0.firstEpoch = 0 }),
            ("in neither", { $0.firstEpoch = 7 }),
            ("stay below", { $0.firstEpoch = .max }),
            ("the checkpoint of its partition 3", { $0.partitions[3].checkpoint = .max }),
        ]
        for (words, change) in changes {
            let test = try TestCollection()
            let refused = #expect(throws: ImpRAGError.self) {
                try test.collection.update(deadline: .soon) { change(&$0) }
            }
            #expect(refused?.code == .invalidArgument && refused?.message.contains(words) == true, "\(words)")
            var manifest = test.manifest.manifest
            change(&manifest)
            test.store["manifest.json"] = try ChecksummedFile.bytes(of: manifest, as: "manifest")
            let error = #expect(throws: ImpRAGError.self) { try test.collection.manifest(deadline: .soon) }
            #expect(error?.code == .dataLoss && error?.message.contains(words) == true, "\(words)")
            #expect(error?.message.hasPrefix("memory/manifest.json is damaged: ") == true)
        }
    }
}
