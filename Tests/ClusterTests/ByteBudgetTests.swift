import Cluster
import Core
import SimulatedWorld
import Testing

@Suite(.simulated) struct ByteBudgetTests {
    @Test("a byte budget gives out no more than it has, and takes it back once")
    func budget() throws {
        let budget = ByteBudget(limit: ByteCount(100), remedy: "raise it")
        let first = try ByteReservation(ByteCount(60), of: budget, for: "one")
        let error = #expect(throws: ImpRAGError.self) { try ByteReservation(ByteCount(41), of: budget, for: "two") }
        #expect(error?.code == .resourceExhausted)
        first.release()
        first.release()
        #expect(budget.usedBytes == 0)
        _ = try ByteReservation(ByteCount(100), of: budget, for: "three")
        #expect(budget.usedBytes == 0)
    }

    @Test("who waits gets its bytes in turn, and one that is cancelled holds up nobody")
    func waiting() async throws {
        let budget = ByteBudget(limit: ByteCount(100), remedy: "raise it")
        func wait(_ bytes: Int) -> Task<ByteReservation?, any Error> {
            SimulatedTest.task {
                try? await ByteReservation.waiting(ByteCount(bytes), of: budget, for: "it", waiterLimit: 3)
            }
        }
        func queued(_ count: Int) async throws {
            try await SimulatedTest.wait { budget.waitingCount == count }
        }
        let first = try await ByteReservation.waiting(ByteCount(80), of: budget, for: "it", waiterLimit: 3)
        let large = wait(90)
        try await queued(1)
        let small = wait(10)
        try await queued(2)
        // It would fit, but others came before.
        #expect(throws: ImpRAGError.self) { try ByteReservation(ByteCount(5), of: budget, for: "it") }
        let late = wait(100)
        try await queued(3)
        #expect(try await wait(1).value == nil)
        large.cancel()
        #expect(try await large.value == nil)
        let second = try #require(try await small.value)
        #expect(budget.usedBytes == 90 && budget.waitingCount == 1)
        first.release()
        second.release()
        let third = try #require(try await late.value)
        #expect(budget.usedBytes == 100)
        third.release()
        #expect(budget.usedBytes == 0 && budget.waitingCount == 0)
        let tooMuch = await #expect(throws: ImpRAGError.self) {
            try await ByteReservation.waiting(ByteCount(101), of: budget, for: "it", waiterLimit: 3)
        }
        #expect(tooMuch?.message.hasSuffix("raise it") == true)
    }

    @Test("what is larger than the whole budget is told the remedy, what does not fit now to come again")
    func remedy() throws {
        let budget = ByteBudget(limit: ByteCount(100), remedy: "raise the limit")
        let large = #expect(throws: ImpRAGError.self) { try ByteReservation(ByteCount(101), of: budget, for: "it") }
        #expect(large?.message.hasSuffix("raise the limit") == true)
        let held = try ByteReservation(ByteCount(100), of: budget, for: "it")
        let later = #expect(throws: ImpRAGError.self) { try ByteReservation(ByteCount(1), of: budget, for: "it") }
        #expect(later?.message.hasSuffix("try again later") == true)
        held.release()
    }
}
