import Core
import ObjectStore
import Synchronization
import TestSupport
import Testing

@testable import Storage

/// Collections that can go back.
@Suite struct RetentionTests {
    @Test("a manifest keeps what newer checkpoints replace for as long as its retention says")
    func manifest() throws {
        var manifest = IndexManifest.sample(partitions: 2)
        manifest.count(checkpoint: 3, of: 0, now: 100)
        #expect(manifest.partitions[0].replaced == nil && manifest.partitions[0].checkpoint == 3)
        manifest.retention = 60
        manifest.count(checkpoint: 7, of: 0, now: 200)
        manifest.count(checkpoint: 5, of: 0, now: 210)
        manifest.count(checkpoint: 9, of: 0, now: 230)
        #expect(manifest.partitions[0].replaced?.map(\.epoch) == [3, 7] && manifest.partitions[0].checkpoint == 9)
        manifest.firstEpoch = 1
        #expect(Retention(manifest).checkpoints(of: 0) == [3, 7, 9])
        manifest.count(checkpoint: 2, of: 1, now: 260)
        #expect(manifest.partitions[0].replaced?.map(\.epoch) == [7])
        manifest.count(checkpoint: 3, of: 1, now: 400)
        #expect(manifest.partitions[0].replaced == nil)
        #expect(manifest.partitions[1].replaced?.map(\.epoch) == [2])
    }

    @Test("every epoch that is kept can be restored, and a moment of it")
    func restored() throws {
        let time = Mutex(1_000_000)
        let written = try WrittenCollection(MemoryStore(), wallTime: { time.withLock { $0 } })
        try written.collection.setRetention(seconds: 3600, now: 1000, deadline: .soon)
        var times: [Int] = [0]
        for epoch in 1...12 {
            let now = time.withLock { time in
                time += 60_000
                return time
            }
            times.append(now)
            try written.commitOne()
            if epoch % 3 == 0 { try written.checkpoint(now: now / 1000) }
        }
        #expect(try written.verify().problems == [])
        for epoch in 0...12 {
            let target = MemoryStore()
            _ = try written.restore(.epoch(epoch), to: target)
            #expect(try WrittenCollection.contents(of: target) == written.history[epoch], "\(epoch)")
            guard epoch > 0 else { continue }
            for offset in [0, 59_999] {
                let other = MemoryStore()
                let new = try written.restore(.time(times[epoch] + offset), to: other)
                #expect(new.manifest.firstEpoch == epoch + 1, "\(epoch)")
            }
        }
        // What it keeps no longer is gone.
        try written.collection.setRetention(seconds: 0, deadline: .soon)
        let gone = #expect(throws: ImpRAGError.self) { try written.restore(.epoch(5), to: MemoryStore()) }
        #expect(gone?.code == .failedPrecondition && gone?.message.contains("begins at epoch 12") == true)
        let before = #expect(throws: ImpRAGError.self) { try written.restore(.time(times[5]), to: MemoryStore()) }
        #expect(before?.code == .failedPrecondition, "\(before?.message ?? "")")
        #expect(try written.verify().problems == [])
    }

    @Test("the files of a corpus stand beside the manifest, go with copies, and are verified")
    func corpusFiles() throws {
        let written = try WrittenCollection(MemoryStore())
        let files = (0..<100).map { IndexManifest.File(path: "f\($0)", bytes: $0, sha256: "") }
        let bytes = Mutex<[UInt8]>([])
        _ = try written.collection.update(deadline: .soon) { manifest throws(ImpRAGError) in
            manifest.corpus.files = files
            let list = try CorpusFileList.takeOut(of: &manifest) ?? []
            bytes.withLock { $0 = list }
        }
        #expect(try written.manifest.corpus.files.isEmpty)
        #expect(try written.verify().problems.map(\.object) == ["corpus.json"])
        _ = try written.store.put(
            bytes.withLock { $0 }, as: ObjectKey("corpus.json"), if: .absent, deadline: .soon)
        #expect(try written.verify().problems == [])
        let target = MemoryStore()
        let new = try written.restore(.newest, to: target)
        #expect(target["corpus.json"] == bytes.withLock { $0 })
        var manifest = new.manifest
        try CorpusFileList.put(bytes.withLock { $0 }, named: "corpus.json", into: &manifest)
        #expect(manifest.corpus.files == files && manifest.corpus.filesDigest == nil)
        #expect(try WrittenCollection.verify(target).problems == [])
        _ = try StoredCollection(target).delete(deadline: .soon) { _ in }
        #expect(target.keys.isEmpty)
    }

    @Test("a manifest of the format before is read, and written in the current one when it changes")
    func oldManifest() throws {
        let store = MemoryStore()
        var manifest = IndexManifest.sample()
        manifest.format = 3
        manifest.corpus.files = [IndexManifest.File(path: "f", bytes: 1, sha256: "")]
        store["manifest.json"] = try ChecksummedFile.bytes(of: manifest, as: "manifest.json")
        let collection = StoredCollection(store)
        #expect(try collection.manifest(deadline: .soon).manifest == manifest)
        let changed = try collection.update(deadline: .soon) { $0.model = "other" }
        #expect(changed.manifest.format == IndexManifest.currentFormat)
        #expect(changed.manifest.corpus.files == manifest.corpus.files)
    }
}
