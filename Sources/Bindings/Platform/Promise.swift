public import Core
import Synchronization

/// A value that a thread produces and a task waits for. The first result counts; later ones are dropped.
///
/// This is how work leaves the cooperative pool: the task suspends here while a thread of ours computes.
public final class Promise<Value: Sendable>: Sendable {
    private enum State {
        case empty
        case waiting(CheckedContinuation<Result<Value, ImpRAGError>, Never>)
        case done(Result<Value, ImpRAGError>)
    }

    private let state = Mutex<State>(.empty)

    public init() {}

    /// Whether the value is set or no longer wanted: a worker may drop the job.
    public var isSettled: Bool {
        state.withLock { state in
            if case .done = state { return true }
            return false
        }
    }

    public func fulfil(_ result: Result<Value, ImpRAGError>) {
        let waiting = state.withLock { state -> CheckedContinuation<Result<Value, ImpRAGError>, Never>? in
            switch state {
            case .empty:
                state = .done(result)
                return nil
            case .waiting(let continuation):
                state = .done(result)
                return continuation
            case .done:
                return nil
            }
        }
        waiting?.resume(returning: result)
    }

    /// Runs `body` and fulfils with what it returns or throws.
    public func fulfil(_ body: () throws(ImpRAGError) -> Value) {
        do {
            fulfil(.success(try body()))
        } catch {
            fulfil(.failure(error))
        }
    }

    /// Waits for the result; one task, once. A cancelled task gets `cancelled` immediately.
    public func value() async throws(ImpRAGError) -> Value {
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let done = state.withLock { state -> Result<Value, ImpRAGError>? in
                    switch state {
                    case .done(let result):
                        return result
                    case .empty:
                        state = .waiting(continuation)
                        return nil
                    case .waiting:
                        preconditionFailure("two tasks wait for one promise")
                    }
                }
                if let done { continuation.resume(returning: done) }
            }
        } onCancel: {
            fulfil(.failure(ImpRAGError(.cancelled, "the request was cancelled")))
        }
        return try result.get()
    }
}

extension NamedThread {
    /// Runs `body`, which may block, on a new thread and waits for its result.
    ///
    /// - Throws: `resourceExhausted` when no thread can be started, and what `body` throws.
    public static func run<Value: Sendable>(
        _ name: String, _ body: @escaping @Sendable () throws(ImpRAGError) -> Value
    ) async throws(ImpRAGError) -> Value {
        let promise = Promise<Value>()
        _ = try NamedThread(name) { promise.fulfil(body) }
        return try await promise.value()
    }
}
