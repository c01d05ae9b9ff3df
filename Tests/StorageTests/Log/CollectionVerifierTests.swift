import Core
import Foundation
import ObjectStore
import Synchronization
import TestSupport
import Testing

@testable import Storage

@Suite struct CollectionVerifierTests {
    /// Checkpoints at epochs 0 (kept by a snapshot), 2 and 3, and a log up to 4.
    private func make() throws -> (MemoryStore, WrittenCollection) {
        let store = MemoryStore()
        let written = try WrittenCollection(store)
        try written.commitOne()
        _ = try written.collection.createSnapshot("first", deadline: .soon)
        try written.commitOne()
        try written.checkpoint(0)
        try written.commitOne()
        try written.checkpoint(1)
        try written.commitOne()
        return (store, written)
    }

    @Test("what is as it was written has no problems: every object is read, none is left over")
    func whole() throws {
        let (store, written) = try make()
        let report = try written.verify()
        #expect(report.problems == [] && report.orphans.count == 0)
        #expect(report.checkpoints == 4 && report.segments == 3 && report.epoch == 4)
        #expect(store.keys.filter { $0.hasPrefix("log/") }.count == 3)
        let sizes = store.keys.filter { $0 != "manifest.json" && !$0.hasSuffix("contents.json") }.map { store[$0]?.count ?? 0 }
        #expect(report.bytes == sizes.reduce(0, +))
    }

    @Test("an object that is lost, cut, longer or flipped is named, and the rest is read all the same")
    func damage() throws {
        let (store, written) = try make()
        let keys = store.keys
        for key in keys {
            let original = try #require(store[key])
            var changed: [[UInt8]?] = [nil, original + [0]]
            if !original.isEmpty {
                var flipped = original
                flipped[original.count / 2] ^= 1
                changed += [original.dropLast(), flipped]
            }
            for bytes in changed {
                store[key] = bytes
                let report = try written.verify()
                #expect(report.problems.contains { $0.object == key && $0.what.contains(key) }, "\(key): \(report.problems)")
                if key != "manifest.json" { #expect(report.problems.count == 1, "\(key): \(report.problems)") }
            }
            store[key] = original
        }
        // Several at once are all named.
        let some = keys.filter { $0.hasPrefix("log/") } + keys.filter { $0.contains("CURRENT") }
        for key in some { store[key] = [1] }
        #expect(Set(try written.verify().problems.map(\.object)) == Set(some))
    }

    @Test("segments that are missing are named as ranges, at the end too where a checkpoint proves that they were there")
    func gaps() throws {
        let store = MemoryStore()
        let written = try WrittenCollection(store)
        for _ in 0..<9 { try written.commitOne() }
        func segment(_ epoch: Int) throws -> String { try CollectionKey.segment(epoch).text }
        for epoch in [3, 4, 5, 7] { store[try segment(epoch)] = nil }
        #expect(try written.verify().problems.map(\.object) == [segment(3), segment(7)])
        #expect(try written.verify().problems[0].what.contains("3 segments"))
        for epoch in 1...9 { store[try segment(epoch)] = nil }
        #expect(try written.verify().problems == [])
        try written.checkpoint(0)
        #expect(try written.verify().problems.map(\.object) == [segment(1)])
    }

    @Test("another collection's objects: behind the log they are left over, in it and in a checkpoint they are damage")
    func foreign() throws {
        let (store, written) = try make()
        let otherStore = MemoryStore()
        let other = try WrittenCollection(otherStore)
        for _ in 0..<5 { try other.commitOne() }
        let (third, fifth) = (try CollectionKey.segment(3).text, try CollectionKey.segment(5).text)
        store[fifth] = otherStore[fifth]
        var report = try written.verify()
        #expect(report.problems == [] && report.orphanKeys == [fifth] && report.epoch == 4)
        store[third] = otherStore[third]
        report = try written.verify()
        #expect(report.problems.map(\.object) == [third])
        #expect(report.problems.first?.what.contains("belongs to the collection \(other.id)") == true)
        let contents = "checkpoint/0000/00000000000000000000/contents.json"
        store[contents] = otherStore[contents]
        #expect(try written.verify().problems.contains { $0.object == contents && $0.what.contains("\(other.id)") })
    }

    @Test("what nothing names is counted and no damage; claims are nobody's business")
    func orphans() throws {
        let (store, written) = try make()
        let orphans = [
            "checkpoint/0000/00000000000000000001/CURRENT.0123", "checkpoint/0001/00000000000000000099/contents.json",
            "checkpoint/0009/00000000000000000000/x", "claim/checkpoint-0009",
        ]
        for key in orphans + ["claim/checkpoint-0001", "notes.txt", "log/readme"] { store[key] = [1, 2, 3] }
        let report = try written.verify()
        #expect(report.problems == [] && report.orphans == DeletedObjects(count: 4, bytes: 12))
        #expect(Set(report.orphanKeys) == Set(orphans))
    }

    @Test("no collection, and one that is still being made, are told from a damaged one")
    func nothing() throws {
        let none = refusal { () throws(ImpRAGError) in
            var verifier = CollectionVerifier(StoredCollection(MemoryStore()), deadline: .soon) { _, _ throws(ImpRAGError) in }
            _ = try verifier.run()
        }
        #expect(none?.code == .notFound)
        let written = try WrittenCollection()
        let half = MemoryStore()
        _ = refusal { () throws(ImpRAGError) in
            _ = try written.restore(.newest, to: half) { progress throws(ImpRAGError) in
                if progress.partition == 1 { throw ImpRAGError(.cancelled, "stopped") }
            }
        }
        let unfinished = refusal { () throws(ImpRAGError) in
            var verifier = CollectionVerifier(StoredCollection(half), deadline: .soon) { _, _ throws(ImpRAGError) in }
            _ = try verifier.run()
        }
        #expect(unfinished?.code == .failedPrecondition && unfinished?.message.contains("run the command again") == true)
    }

    @Test("a collection that goes on meanwhile has no problems by that")
    func meanwhile() throws {
        let (store, written) = try make()
        let due = Atomic(true)
        store.before { call in
            guard call.kind == .read, call.key.contains("/0001/"), due.exchange(false, ordering: .relaxed) else {
                return nil
            }
            try? written.commitOne()
            try? written.checkpoint()
            _ = try? written.collection.deleteSnapshot("first", deadline: .soon)
            return nil
        }
        #expect(try written.verify().problems == [])
        let isDue = due.load(ordering: .relaxed)
        #expect(!isDue)
    }

    @Test("rows that are fewer than a checkpoint says are found by opening it, and changes that cannot be applied too")
    func deep() throws {
        let (store, written) = try make()
        func verifyRows() throws -> VerificationReport {
            var report = try written.verify()
            #expect(report.problems == [])
            try report.verifyRows(
                of: written.collection, scratch: written.directory.file("rows"), deadline: .soon
            ) { _ throws(ImpRAGError) in }
            #expect(!FileManager.default.fileExists(atPath: written.directory.file("rows")))
            return report
        }
        #expect(try verifyRows().problems == [])
        let key = "checkpoint/0001/00000000000000000003/contents.json"
        var checkpoint = try written.collection.checkpoint(partition: 1, epoch: 3, deadline: .soon)
        let right = checkpoint.passages
        checkpoint.passages += 1
        store[key] = try checkpoint.encoded(as: key)
        let problems = try verifyRows().problems
        #expect(problems.map(\.object) == [key])
        #expect(problems.first?.what.contains("\(right) passages, and \(right + 1) by its contents") == true)
    }
}
