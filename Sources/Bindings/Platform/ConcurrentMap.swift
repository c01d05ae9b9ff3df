public import Core
import Synchronization

/// Maps 0 ..< `count` with `body` on up to `threads` threads, results in order: for work that waits for the disk.
/// Blocks; after a failure nothing new is begun.
///
/// - Throws: what `body` threw for the lowest number.
public func concurrentMap<Value: Sendable>(
    _ count: Int, threads: Int, _ body: @escaping @Sendable (Int) throws(ImpRAGError) -> Value
) throws(ImpRAGError) -> [Value] {
    let work = ConcurrentWork<Value>()
    var started: [NamedThread] = []
    defer { for thread in started { thread.join() } }
    for _ in 0..<min(count, threads) {
        started.append(
            try NamedThread("map") {
                while let number = work.next(below: count) {
                    do throws(ImpRAGError) {
                        work.finish(number, .success(try body(number)))
                    } catch {
                        work.finish(number, .failure(error))
                    }
                }
            })
    }
    for thread in started { thread.join() }
    var values: [Value] = []
    for number in 0..<count { if let result = work.result(number) { values.append(try result.get()) } }
    return values
}

/// What is done and what is next; shared by the threads of one map.
private final class ConcurrentWork<Value: Sendable>: Sendable {
    private struct State {
        var next = 0
        var hasFailed = false
        var results: [Int: Result<Value, ImpRAGError>] = [:]
    }

    private let state = Mutex(State())

    func next(below count: Int) -> Int? {
        state.withLock { state in
            guard state.next < count, !state.hasFailed else { return nil }
            defer { state.next += 1 }
            return state.next
        }
    }

    func finish(_ number: Int, _ result: Result<Value, ImpRAGError>) {
        state.withLock { state in
            if case .failure = result { state.hasFailed = true }
            state.results[number] = result
        }
    }

    func result(_ number: Int) -> Result<Value, ImpRAGError>? { state.withLock { $0.results[number] } }
}
