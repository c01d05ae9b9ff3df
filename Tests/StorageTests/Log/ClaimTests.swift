import Core
import Foundation
import ObjectStore
import Synchronization
import TestSupport
import Testing

@testable import Storage

@Suite struct ClaimTests {
    /// Somebody who wants the claim.
    private final class Contender: Sendable {
        let store: any ObjectStore
        let clock = ManualClock()
        let name: String
        private let watch = Mutex<ClaimWatch?>(nil)

        init(_ name: String, _ store: any ObjectStore) {
            self.name = name
            self.store = store
        }

        func take() throws -> Claim? {
            try watch.withLock { watch in
                try Claim.take(
                    CollectionKey.checkpointClaim(partition: 3), holder: name, store: store, clock: clock,
                    watching: &watch, deadline: .soon)
            }
        }
    }

    @Test("one holds a claim, until it gives it back")
    func release() throws {
        let store = MemoryStore()
        let (one, other) = (Contender("one", store), Contender("other", store))
        let claim = try #require(try one.take())
        #expect(try other.take() == nil)
        #expect(try one.take() == nil)
        try claim.renew(deadline: .soon)
        try claim.release(deadline: .soon)
        let next = try #require(try other.take())
        #expect(try one.take() == nil)
        let error = #expect(throws: ImpRAGError.self) { try claim.release(deadline: .soon) }
        #expect(error?.code == .failedPrecondition)
        #expect(error?.message == "claim/checkpoint-0003 in memory was taken over by other; the work goes on there")
        try next.renew(deadline: .soon)
    }

    @Test(
        "a claim that is renewed is never taken over, one that is not is, once its contender has watched for long enough"
    )
    func expiry() throws {
        let store = MemoryStore()
        let (one, other) = (Contender("one", store), Contender("other", store))
        let claim = try #require(try one.take())
        for _ in 0..<10 {
            #expect(try other.take() == nil)
            other.clock.advance(Claim.expiry - .seconds(1))
            try claim.renew(deadline: .soon)
        }
        #expect(try other.take() == nil)
        other.clock.advance(Claim.expiry - .seconds(1))
        #expect(try other.take() == nil)
        other.clock.advance(.seconds(1))
        let next = try #require(try other.take())
        let error = #expect(throws: ImpRAGError.self) { try claim.renew(deadline: .soon) }
        #expect(error?.code == .failedPrecondition)
        #expect(throws: ImpRAGError.self) { try claim.release(deadline: .soon) }
        try next.renew(deadline: .soon)
    }

    @Test("time in which a contender did not look proves nothing")
    func firstLook() throws {
        let store = MemoryStore()
        let one = Contender("one", store)
        _ = try one.take()
        let late = Contender("late", store)
        late.clock.advance(.seconds(86_400))
        #expect(try late.take() == nil)
    }

    @Test("the holder renews while a contender takes over: one of them succeeds")
    func renewedMeanwhile() throws {
        let store = MemoryStore()
        let (one, other) = (Contender("one", store), Contender("other", store))
        let claim = try #require(try one.take())
        #expect(try other.take() == nil)
        other.clock.advance(Claim.expiry)
        let isFirst = Atomic(true)
        store.before { call in
            if call.kind == .put, isFirst.exchange(false, ordering: .relaxed) {
                #expect(throws: Never.self) { try claim.renew(deadline: .soon) }
            }
            return nil
        }
        #expect(try other.take() == nil)
        try claim.renew(deadline: .soon)
    }

    @Test("of many contenders at once one takes a claim, free or expired")
    func race() throws {
        let directory = try TemporaryDirectory()
        let store = try DirectoryStore(path: directory.path)
        // The same name: what they write differs all the same.
        let contenders = (0..<8).map { _ in Contender("same", store) }
        for _ in 0..<2 {
            let won = Atomic(0)
            DispatchQueue.concurrentPerform(iterations: contenders.count) { number in
                #expect(throws: Never.self) {
                    if try contenders[number].take() != nil { won.wrappingAdd(1, ordering: .relaxed) }
                }
            }
            #expect(won.load(ordering: .relaxed) == 1)
            for contender in contenders {
                #expect(try contender.take() == nil)
                contender.clock.advance(Claim.expiry)
            }
        }
    }

    @Test("a renewal whose answer is lost does not look like another's", arguments: [true, false])
    func lostAnswer(thenReleased: Bool) throws {
        let store = MemoryStore()
        let claim = try #require(try Contender("one", store).take())
        let fault = Mutex<MemoryStore.Fault?>(.done(.unavailable))
        store.before { call in
            guard call.kind == .put else { return nil }
            return fault.withLock { fault in
                defer { fault = nil }
                return fault
            }
        }
        #expect(throws: ImpRAGError.self) { try claim.renew(deadline: .soon) }
        if thenReleased {
            try claim.release(deadline: .soon)
            #expect(try Contender("other", store).take() != nil)
        } else {
            try claim.renew(deadline: .soon)
            try claim.renew(deadline: .soon)
        }
    }

    @Test("an object that is no claim keeps nobody out for ever")
    func nonsense() throws {
        let store = MemoryStore()
        store["claim/checkpoint-0003"] = [1, 2, 3]
        let one = Contender("one", store)
        #expect(try one.take() == nil)
        one.clock.advance(Claim.expiry)
        #expect(try one.take() != nil)
    }
}
