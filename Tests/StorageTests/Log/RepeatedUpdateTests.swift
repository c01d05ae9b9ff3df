import Core
import ObjectStore
import Platform
import Synchronization
import TestSupport
import Testing

@testable import Storage

/// Updates that a client sends again, because it does not know what became of them.
@Suite struct RepeatedUpdateTests {
    private static func delete(_ id: String, _ key: UpdateKey?) -> LogUpdate { LogUpdate([.delete(id: id)], key: key) }

    private static func place(_ log: CollectionLog, _ id: String, _ key: UpdateKey?) throws(ImpRAGError) -> LogPlace {
        try log.places(of: [delete(id, key)], deadline: .soon)[0]
    }

    @Test(
        "an update that comes again with its key is found where it stands, by whichever writer, and overrides nothing")
    func again() throws {
        let test = try TestCollection()
        let (one, other) = (test.log(), test.log())
        let key = UpdateKey.random()
        #expect(try Self.place(one, "a", key) == LogPlace(epoch: 1, update: 0))
        #expect(try Self.place(one, "b", .random()) == LogPlace(epoch: 2, update: 0))
        for log in [one, other, test.log()] { #expect(try Self.place(log, "a", key) == LogPlace(epoch: 1, update: 0)) }
        #expect(try test.log().head() == 2)
        // Without a key it is another update.
        #expect(try Self.place(other, "a", nil) == LogPlace(epoch: 3, update: 0))
    }

    @Test("of several updates only those are committed that are not there, and one that came twice counts once")
    func some() throws {
        let test = try TestCollection()
        let keys = (0..<3).map { _ in UpdateKey.random() }
        _ = try test.log().places(of: [Self.delete("a", nil), Self.delete("b", keys[0])], deadline: .soon)
        let places = try test.log().places(
            of: [
                Self.delete("c", keys[1]), Self.delete("b", keys[0]), Self.delete("c", keys[1]), Self.delete("d", nil),
                Self.delete("e", keys[2]),
            ], deadline: .soon)
        #expect(places.map(\.epoch) == [2, 1, 2, 2, 2])
        #expect(places.map(\.update) == [0, 1, 0, 1, 2])
        #expect(try test.log().ids(2) == ["c", "d", "e"])
        #expect(try test.log().entry(2)?.keys == [keys[1], nil, keys[2]])
    }

    @Test("an update whose answer is lost, and that another writer made meanwhile, is committed once")
    func race() throws {
        let test = try TestCollection()
        let (one, other) = (test.log(), test.log())
        let key = UpdateKey.random()
        let hasRun = Mutex(false)
        // The client has gone to the other writer by the time that this one's bytes reach the store.
        test.store.before { call in
            let isFirst = hasRun.withLock { hasRun in
                guard call.kind == .put, !hasRun else { return false }
                hasRun = true
                return true
            }
            if isFirst { #expect(throws: Never.self) { _ = try Self.place(other, "a", key) } }
            return nil
        }
        #expect(try Self.place(one, "a", key) == LogPlace(epoch: 1, update: 0))
        #expect(try test.log().head() == 1)
        // And when the store has taken bytes of which nobody was told.
        test.store.before { $0.kind == .put ? .done(.unavailable) : nil }
        let lost = UpdateKey.random()
        #expect(throws: ImpRAGError.self) { try Self.place(one, "b", lost) }
        test.store.before { _ in nil }
        #expect(try Self.place(other, "b", lost) == LogPlace(epoch: 2, update: 0))
        #expect(try Self.place(one, "b", lost) == LogPlace(epoch: 2, update: 0))
    }

    @Test("what came too late to count is not taken for the update that it was")
    func tooLate() throws {
        let test = try TestCollection()
        let (paused, other) = (test.log(), test.log())
        let key = UpdateKey.random()
        _ = try Self.place(paused, "a", nil)
        test.store.before { call in
            guard call.kind == .put else { return nil }
            test.store.before { _ in nil }
            #expect(throws: Never.self) {
                for _ in 2...9 { _ = try other.commit(.delete("b")) }
                try test.forget(before: 10)
            }
            return nil
        }
        // It stands at 2, where the log was once.
        let error = #expect(throws: ImpRAGError.self) { try Self.place(paused, "c", key) }
        #expect(error?.code == .unavailable)
        #expect(try Self.place(paused, "c", key) == LogPlace(epoch: 10, update: 0))
        #expect(try Self.place(test.log(), "c", key) == LogPlace(epoch: 10, update: 0))
    }

    @Test("a collection that is closed takes no updates, and one that was closed meanwhile acknowledges none")
    func closed() throws {
        let test = try TestCollection()
        let log = test.log()
        _ = try Self.place(log, "a", nil)
        try test.collection.setClosed(true, deadline: .soon)
        let refused = #expect(throws: ImpRAGError.self) { try Self.place(log, "b", nil) }
        #expect(refused?.code == .unavailable && refused?.cause is OtherCollection)
        #expect(try test.log().head() == 1)
        try test.collection.setClosed(false, deadline: .soon)
        test.store.before { call in
            guard call.kind == .put else { return nil }
            test.store.before { _ in nil }
            #expect(throws: Never.self) { try test.collection.setClosed(true, deadline: .soon) }
            return nil
        }
        let late = #expect(throws: ImpRAGError.self) { try Self.place(log, "c", nil) }
        #expect(late?.code == .unavailable && late?.cause is OtherCollection)
        #expect(late?.message.contains("may be in the log") == true, "\(late?.message ?? "")")
    }

    @Test("segments of the format before have neither time nor keys, and are read")
    func oldFormat() throws {
        let test = try TestCollection()
        let identity = test.manifest.identity
        let group: [UInt8] = [2, 0, 0, 0, 0, 1, 0, 0, 0] + Array("a".utf8)
        var writer = ByteWriter()
        writer.append(Segment.magic)
        writer.append(UInt32(1))
        writer.append(UInt32(1))
        writer.append(UInt64(1))
        writer.append(identity.id.bytes)
        writer.append(identity.fingerprint.bytes)
        writer.append(UInt32(identity.dimension))
        writer.append(UInt32(identity.partitionCount))
        writer.append(UInt32(1))
        writer.append([UInt8](repeating: 7, count: 16))
        writer.append(UInt32(PartitionRouting.partition(of: "a", partitionCount: identity.partitionCount)))
        writer.append(UInt32(1))
        writer.append(UInt64(100 + 56 + 32))
        writer.append(UInt64(group.count))
        writer.append(SHA256.digest(of: group))
        writer.append(SHA256.digest(of: writer.bytes))
        test.store["log/00000000000000000001"] = writer.bytes + group
        let entry = try #require(try test.log().entry(1))
        #expect(entry.time == nil && entry.keys == [nil] && entry.updateCount == 1)
        #expect(try test.log().ids(1) == ["a"])
        #expect(try Self.place(test.log(), "b", .random()) == LogPlace(epoch: 2, update: 0))
    }

    @Test("the bytes behind an epoch are those of the segments after it")
    func sizes() throws {
        var sizes = LogSizes()
        #expect(sizes.bytes(after: 0) == 0)
        for epoch in 5...40_000 { sizes.note(epoch, byteCount: epoch) }
        sizes.note(7, byteCount: 1 << 40)
        #expect(sizes.bytes(after: 40_000) == 0)
        #expect(sizes.bytes(after: 39_998) == 39_999 + 40_000)
        #expect(sizes.bytes(after: 30_000) == (30_001...40_000).reduce(0, +))
        // What is forgotten is left out.
        #expect(sizes.bytes(after: 0) < (5...40_000).reduce(0, +))
    }

    @Test("no more keys are remembered than have room, the newest ones")
    func limits() throws {
        var memory = LogMemory()
        let keys = (0..<3 * LogMemory.keyLimit / 2).map { _ in UpdateKey.random() }
        for (number, key) in keys.enumerated() { memory.note(number + 1, keys: [key, nil], time: number) }
        #expect(memory.through == keys.count && memory.time == keys.count - 1)
        #expect(memory.place(of: keys[0]) == nil)
        #expect(memory.place(of: keys[keys.count - 1]) == LogPlace(epoch: keys.count, update: 0))
        #expect(keys.filter { memory.place(of: $0) != nil }.count == LogMemory.keyLimit)
    }
}
