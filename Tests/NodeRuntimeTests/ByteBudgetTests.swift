import Core
import NodeRuntime
import Testing

@Suite struct ByteBudgetTests {
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
