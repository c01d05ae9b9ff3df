import Core
import Platform
import Testing

struct PromiseTests {
    @Test("a value that is there before anybody waits, or comes later, arrives")
    func arrives() async throws {
        let early = Promise<Int>()
        early.fulfil(.success(1))
        #expect(try await early.value() == 1)
        let late = Promise<Int>()
        _ = try NamedThread("maker") {
            _ = waitForInput(on: [], milliseconds: 20)
            late.fulfil { () throws(ImpRAGError) in 2 }
        }
        #expect(try await late.value() == 2)
    }

    @Test("the first result counts")
    func first() async throws {
        let promise = Promise<Int>()
        promise.fulfil(.success(1))
        promise.fulfil(.failure(ImpRAGError(.internal, "late")))
        #expect(promise.isSettled)
        #expect(try await promise.value() == 1)
    }

    @Test("a cancelled task stops waiting at once, and the worker can see that nobody waits")
    func cancellation() async {
        let promise = Promise<Int>()
        let task = Task { () -> ErrorCode? in
            do throws(ImpRAGError) {
                _ = try await promise.value()
                return nil
            } catch {
                return error.code
            }
        }
        task.cancel()
        #expect(await task.value == .cancelled)
        #expect(promise.isSettled)
    }
}
