import Core
import Foundation
import ObjectStore
import Synchronization
import TestSupport
import Testing

@testable import Storage

@Suite struct CollectionLogTests {
    private static func key(_ epoch: Int) throws -> String { try CollectionKey.segment(epoch).text }

    @Test("epochs begin at 1 and follow each other, whoever commits")
    func twoLogs() throws {
        let test = try TestCollection()
        let (one, other) = (test.log(), test.log())
        #expect(try one.head() == 0)
        #expect(try one.entry(1) == nil)
        #expect(try one.commit(.delete("a")) == 1)
        #expect(try other.commit(.delete("b")) == 2)
        // It knows of 1, finds 2 taken, and tries the next.
        #expect(try one.commit(.delete("c"), .delete("d")) == 3)
        #expect(try other.head() == 3)
        #expect(
            try (1...4).map { epoch throws(ImpRAGError) in try other.ids(epoch) } == [["a"], ["b"], ["c", "d"], nil])
    }

    @Test("a writer that is far behind lists instead of trying each epoch")
    func farBehind() throws {
        let test = try TestCollection()
        let (one, other) = (test.log(), test.log())
        _ = try one.commit(.delete("a"))
        for _ in 0..<50 { _ = try other.commit(.delete("b")) }
        let before = test.store.calls.count
        #expect(try one.commit(.delete("c")) == 52)
        #expect(test.store.calls[before...].filter { $0.kind == .put }.count == 3)
    }

    @Test("the newest epoch is found behind many pages of a listing")
    func pages() throws {
        let test = try TestCollection()
        _ = try test.log().commit(.delete("a"))
        let segment = test.store[try Self.key(1)]
        for epoch in 2...2500 { test.store[try Self.key(epoch)] = segment }
        test.store["log/notes"] = [1]
        let before = test.store.calls.count
        #expect(try test.log().head() == 2500)
        #expect(test.store.calls[before...].filter { $0.kind == .list }.count == 3)
    }

    @Test("many writers at once commit each update exactly once, without a gap")
    func race() throws {
        let directory = try TemporaryDirectory()
        let manifest = try StoredCollection(DirectoryStore(path: directory.path)).write(.sample(), deadline: .soon)
        let epochs = Mutex<[String: Int]>([:])
        DispatchQueue.concurrentPerform(iterations: 8) { writer in
            do throws(ImpRAGError) {
                let log = CollectionLog(StoredCollection(try DirectoryStore(path: directory.path)), manifest)
                for number in 0..<12 {
                    let id = "\(writer)-\(number)"
                    let epoch = try log.commit(number % 2 == 0 ? .upsert(id) : .delete(id))
                    epochs.withLock { $0[id] = epoch }
                }
            } catch {
                Issue.record(error)
            }
        }
        let committed = epochs.withLock { $0 }
        #expect(Set(committed.values) == Set(1...96) && committed.count == 96)
        let log = CollectionLog(StoredCollection(try DirectoryStore(path: directory.path)), manifest)
        #expect(try log.head() == 96)
        for (id, epoch) in committed { #expect(try log.ids(epoch) == [id]) }
    }

    @Test("what only looks like a segment's name, of an epoch that no log reaches, is none")
    func farEpoch() throws {
        let test = try TestCollection()
        test.store[try Self.key(.max)] = [1]
        let log = test.log()
        #expect(try log.head() == 0)
        #expect(try log.commit(.delete("a")) == 1)
    }

    @Test("a segment that is committed while its epoch is read is not missing")
    func committedMeanwhile() throws {
        let test = try TestCollection()
        let log = test.log()
        #expect(try log.head() == 0)
        let key = try Self.key(1)
        let hasCommitted = Mutex(false)
        test.store.before { call in
            // Between the segment, which is not there, and the manifest.
            let isFirst = hasCommitted.withLock { hasCommitted in
                guard call.kind == .get, !hasCommitted else { return false }
                hasCommitted = true
                return true
            }
            if isFirst { #expect(throws: Never.self) { try log.commit(.delete("a")) } }
            return nil
        }
        #expect(try log.entry(1) == nil)
        #expect(test.store[key] != nil)
        #expect(try log.ids(1) == ["a"])
    }

    @Test("readers do not wait for a commit")
    func readingMeanwhile() throws {
        let test = try TestCollection()
        let log = test.log()
        _ = try log.commit(.delete("a"))
        let seen = Mutex<Set<String>?>(nil)
        test.store.before { call in
            guard call.kind == .put else { return nil }
            // On the committing thread itself: waiting would be for ever.
            let ids = try? log.ids(1)
            seen.withLock { $0 = ids }
            return nil
        }
        _ = try log.commit(.delete("b"))
        #expect(seen.withLock { $0 } == ["a"])
    }

    // MARK: The log moves on

    @Test("a writer that was idle while the log moved on, and its old part went, commits to the new end")
    func staleHead() throws {
        let test = try TestCollection()
        let (idle, other) = (test.log(), test.log())
        #expect(try idle.commit(.delete("a")) == 1)
        for _ in 2...9 { _ = try other.commit(.delete("b")) }
        try test.forget(before: 10)
        // It knew that 2 comes next, and nothing stands there.
        #expect(try idle.commit(.delete("c")) == 10)
        #expect(try other.ids(10) == ["c"])
        #expect(test.store.keys.filter { $0.hasPrefix("log/") } == [try Self.key(10)])
        let gone = #expect(throws: ImpRAGError.self) { try test.log().entry(5) }
        #expect(gone?.code == .failedPrecondition)
        #expect(gone?.message.contains("begins at epoch 10") == true)
    }

    @Test("what a writer that was paused writes where the log was once counts nowhere, and is not acknowledged")
    func tooLate() throws {
        let test = try TestCollection()
        let (paused, other) = (test.log(), test.log())
        #expect(try paused.commit(.delete("a")) == 1)
        test.store.before { call in
            guard call.kind == .put else { return nil }
            test.store.before { _ in nil }
            #expect(throws: Never.self) {
                for _ in 2...9 { _ = try other.commit(.delete("b")) }
                try test.forget(before: 10)
            }
            return nil
        }
        let error = #expect(throws: ImpRAGError.self) { try paused.commit(.delete("c")) }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("at epoch 2, or not") == true)
        #expect(error?.message.contains("the log's beginning has moved to epoch 10") == true)
        #expect(test.store[try Self.key(2)] != nil)
        #expect(throws: ImpRAGError.self) { try other.entry(2) }
        // Nor does it lead a writer astray.
        #expect(try test.log().head() == 9)
        #expect(try paused.commit(.delete("d")) == 10)
    }

    @Test(
        "whatever moments a writer is paused at while the log moves on, each update counts once, at the epoch that was named, if one was",
        arguments: 0..<40 as Range<UInt64>)
    func pausedAnywhere(seed: UInt64) throws {
        struct World {
            var generator: SeededGenerator
            var isBusy = false
            /// What somebody who follows the whole log has read, by epoch.
            var followed: [Int: Set<String>] = [:]
        }
        let test = try TestCollection()
        let (paused, other, follower) = (test.log(), test.log(), test.log())
        let world = Mutex(World(generator: SeededGenerator(seed: seed)))
        @Sendable func follow() throws(ImpRAGError) {
            var next = world.withLock { $0.followed.count + 1 }
            while let ids = try follower.ids(next) {
                world.withLock { $0.followed[next] = ids }
                next += 1
            }
        }
        test.store.before { _ in
            let moves = world.withLock { world in
                guard !world.isBusy, Int.random(in: 0..<3, using: &world.generator) == 0 else { return 0 }
                world.isBusy = true
                return Int.random(in: 1...4, using: &world.generator)
            }
            guard moves > 0 else { return nil }
            #expect(throws: Never.self) {
                for _ in 0..<moves { _ = try other.commit(.delete("other")) }
                try follow()
                if moves % 2 == 0 { try test.forget(before: world.withLock { $0.followed.count } + 1) }
            }
            world.withLock { $0.isBusy = false }
            return nil
        }
        var named: [String: Int?] = [:]
        for number in 0..<10 {
            do throws(ImpRAGError) {
                named["own \(number)"] = try paused.commit(.delete("own \(number)"))
            } catch {
                #expect(error.code == .unavailable)
                named["own \(number)"] = .some(nil)
            }
        }
        test.store.before { _ in nil }
        try follow()
        let followed = world.withLock { $0.followed }
        for (id, epoch) in named {
            let found = followed.filter { $0.value.contains(id) }.map(\.key)
            if let epoch { #expect(found == [epoch], "\(id)") } else { #expect(found.count <= 1, "\(id)") }
        }
        #expect(named.values.contains { $0 != nil })
        #expect(try follower.head() == followed.count)
        // Whatever still stands at old epochs: a reader that is late gets what everybody got, or an error.
        for (epoch, ids) in followed {
            do throws(ImpRAGError) {
                #expect(try test.log().ids(epoch) == ids)
            } catch {
                #expect(error.code == .failedPrecondition)
            }
        }
    }

    @Test("a segment that is missing below a known one is damage, not the end of the log")
    func missing() throws {
        let test = try TestCollection()
        let log = test.log()
        for _ in 0..<3 { _ = try log.commit(.delete("a")) }
        test.store[try Self.key(2)] = nil
        let error = #expect(throws: ImpRAGError.self) { try log.entry(2) }
        #expect(error?.code == .dataLoss)
        #expect(error?.message == "memory/\(try Self.key(2)) is missing, although the log goes up to epoch 3")
        // Who has only followed so far learns it with the head.
        let follower = test.log()
        #expect(try follower.entry(2) == nil)
        _ = try follower.head()
        #expect(throws: ImpRAGError.self) { try follower.entry(2) }
    }

    // MARK: Outcomes that nobody knows

    @Test("a write whose answer is lost counts once", arguments: [ErrorCode.unavailable, .deadlineExceeded])
    func lostAnswer(code: ErrorCode) throws {
        let test = try TestCollection()
        let log = test.log()
        let faults = Mutex<[MemoryStore.Fault]>([.done(code), .notDone(code), .done(code)])
        test.store.before { call in
            guard call.kind == .put else { return nil }
            return faults.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        }
        #expect(try log.commit(.delete("a")) == 1)
        #expect(faults.withLock { $0.isEmpty })
        #expect(try log.commit(.delete("b")) == 2)
        #expect(try (1...3).map { epoch throws(ImpRAGError) in try test.log().ids(epoch) } == [["a"], ["b"], nil])
    }

    @Test(
        "a store that stays away leaves the update in the log or not, and the next commit finds out",
        arguments: [true, false])
    func unsettled(isDone: Bool) throws {
        let test = try TestCollection()
        let log = test.log()
        _ = try log.commit(.delete("a"))
        test.store.before { call in
            guard call.kind == .put else { return nil }
            return isDone ? .done(.unavailable) : .notDone(.unavailable)
        }
        let error = #expect(throws: ImpRAGError.self) { try log.commit(.delete("b")) }
        #expect(error?.code == .unavailable)
        #expect(error?.message.hasPrefix("the update may be in the log of memory, at epoch 2, or not") == true)
        test.store.before { _ in nil }
        #expect(try log.commit(.delete("c")) == (isDone ? 3 : 2))
        #expect(try log.ids(2) == [isDone ? "b" : "c"])
        #expect(try log.ids(3) == (isDone ? ["c"] : nil))
    }

    @Test("an update is not acknowledged while nobody knows whether it counts")
    func manifestAway() throws {
        let test = try TestCollection()
        let log = test.log()
        _ = try log.commit(.delete("a"))
        test.store.before { call in
            if call.kind == .put { test.store.before { $0.kind == .get ? .notDone(.unavailable) : nil } }
            return nil
        }
        let error = #expect(throws: ImpRAGError.self) { try log.commit(.delete("b")) }
        #expect(error?.code == .unavailable && error?.message.contains("at epoch 2, or not") == true)
        test.store.before { _ in nil }
        #expect(try log.commit(.delete("c")) == 3)
        #expect(try log.ids(2) == ["b"])
    }

    @Test("a refusal after an answer that was lost does not make the update one that failed")
    func refusedAfterwards() throws {
        let test = try TestCollection()
        let faults = Mutex<[MemoryStore.Fault]>([.done(.unavailable), .notDone(.resourceExhausted)])
        test.store.before { call in
            guard call.kind == .put else { return nil }
            return faults.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        }
        let error = #expect(throws: ImpRAGError.self) { try test.log().commit(.delete("a")) }
        #expect(error?.code == .unavailable && error?.message.contains("at epoch 1, or not") == true)
        #expect(try test.log().ids(1) == ["a"])
    }

    @Test("a full store is an error at once, and a deadline that has passed writes nothing")
    func refusals() throws {
        let test = try TestCollection()
        let log = test.log()
        test.store.before { $0.kind == .put ? .notDone(.resourceExhausted) : nil }
        let full = #expect(throws: ImpRAGError.self) { try log.commit(.delete("a")) }
        #expect(full?.code == .resourceExhausted)
        #expect(test.store.calls.filter { $0.key.hasPrefix("log/0") }.count == 1)
        let late = #expect(throws: ImpRAGError.self) {
            try log.commit([.delete("a")], deadline: .after(milliseconds: -1))
        }
        #expect(late?.code == .deadlineExceeded)
        #expect(test.store.keys == ["manifest.json"])
    }

    // MARK: Another collection in the place

    private func replace(_ test: TestCollection) throws -> CollectionLog {
        test.store["manifest.json"] = nil
        return CollectionLog(test.collection, try test.collection.write(.sample(), deadline: .soon))
    }

    @Test("a commit to a collection that was replaced fails, and the new one's log is as if it had not been")
    func replaced() throws {
        let test = try TestCollection()
        let old = test.log()
        _ = try old.commit(.delete("old 1"))
        let replacement = Mutex<CollectionLog?>(nil)
        test.store.before { call in
            guard call.kind == .put else { return nil }
            test.store.before { _ in nil }
            #expect(throws: Never.self) {
                test.store[try Self.key(1)] = nil
                let new = try replace(test)
                #expect(try new.commit(.delete("new 1")) == 1)
                replacement.withLock { $0 = new }
            }
            return nil
        }
        let error = #expect(throws: ImpRAGError.self) { try old.commit(.delete("old 2")) }
        let new = try #require(replacement.withLock { $0 })
        #expect(error?.code == .failedPrecondition)
        for id in [old.identity.id, new.identity.id] { #expect(error?.message.contains(id.description) == true) }
        // The old one's segment stands at 2.
        #expect(test.store[try Self.key(2)] != nil)
        #expect(try new.entry(2) == nil)
        let fresh = CollectionLog(test.collection, try test.collection.manifest(deadline: .soon))
        #expect(try fresh.head() == 1)
        #expect(try fresh.commit(.delete("new 2")) == 2)
        #expect(try new.commit(.delete("new 3")) == 3)
        #expect(
            try (1...4).map { epoch throws(ImpRAGError) in try new.ids(epoch) } == [
                ["new 1"], ["new 2"], ["new 3"], nil,
            ])
    }

    @Test("a writer of a replaced collection does not take the new one's segments for leftovers")
    func newOnesAreNoLeftovers() throws {
        let test = try TestCollection()
        let old = test.log()
        _ = try old.head()
        let new = try replace(test)
        _ = try new.commit(.delete("new"))
        #expect(throws: ImpRAGError.self) { try old.commit(.delete("old")) }
        #expect(throws: ImpRAGError.self) { try old.entry(1) }
        #expect(try new.ids(1) == ["new"])
    }

    @Test("what a former collection left of its log goes, one by one, under the new one's")
    func leftovers() throws {
        let test = try TestCollection()
        for _ in 0..<3 { _ = try test.log().commit(.delete("old")) }
        let new = try replace(test)
        #expect(try new.head() == 0)
        #expect(try (1...4).map { _ throws(ImpRAGError) in try new.commit(.delete("new")) } == [1, 2, 3, 4])
        #expect(try new.ids(2) == ["new"])
    }

    @Test("a segment of ours that another collection's has taken the place of is damage that names both")
    func overwritten() throws {
        let (test, other) = (try TestCollection(), try TestCollection())
        let log = test.log()
        _ = try log.commit(.delete("a"))
        _ = try other.log().commit(.delete("a"))
        test.store[try Self.key(1)] = other.store[try Self.key(1)]
        let error = #expect(throws: ImpRAGError.self) { try log.entry(1) }
        #expect(error?.code == .dataLoss)
        for id in [log.identity.id, other.manifest.identity.id] {
            #expect(error?.message.contains(id.description) == true)
        }
    }

    @Test("a damaged segment keeps its epoch")
    func damagedStays() throws {
        let test = try TestCollection()
        let log = test.log()
        _ = try log.commit(.delete("a"))
        // In the collection's id.
        test.store[try Self.key(1)]?[30] ^= 1
        let bytes = test.store[try Self.key(1)]
        #expect(try test.log().head() == 1)
        #expect(try test.log().commit(.delete("b")) == 2)
        let late = test.log()
        test.store.before { $0.kind == .list ? .notDone(.unavailable) : nil }
        #expect(throws: ImpRAGError.self) { try late.commit(.delete("c")) }
        #expect(test.store[try Self.key(1)] == bytes)
    }
}
