import Cluster
import Core
import Messaging
import SimulatedWorld
import Synchronization
import TestSupport
import Wire

/// A listening messenger that keeps the requests it receives.
final class TestNode: Sendable {
    let messenger: Messenger
    let endpoint: String
    private let directory: TemporaryDirectory
    private let keeper = Keeper()

    /// - Parameter handler: answers requests; the default keeps them unanswered.
    init(
        name: String = "shard-0", limits: MessagingLimits = .init(),
        handler: (@Sendable (IncomingRequest) -> Void)? = nil
    ) throws {
        directory = try TemporaryDirectory()
        endpoint = "ipc://" + directory.file("node")
        messenger = try NodeEnvironment.inTest.messenger(name, limits: limits)
        let keeper = keeper
        try messenger.listen(on: endpoint, handler: handler ?? { keeper.keep($0) })
    }

    /// The next request that was kept.
    func next() async throws -> IncomingRequest { await keeper.next() }

    func stop() {
        messenger.close()
    }
}

/// Requests on their way from a handler to a test.
private final class Keeper: Sendable {
    private struct State {
        var requests: [IncomingRequest] = []
        var waiter: CheckedContinuation<IncomingRequest, Never>?
    }

    private let state = Mutex(State())

    func keep(_ request: IncomingRequest) {
        let waiter = state.withLock { state in
            if state.waiter == nil { state.requests.append(request) }
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(returning: request)
    }

    func next() async -> IncomingRequest {
        await withCheckedContinuation { continuation in
            let request = state.withLock { state -> IncomingRequest? in
                guard state.requests.isEmpty else { return state.requests.removeFirst() }
                state.waiter = continuation
                return nil
            }
            if let request { continuation.resume(returning: request) }
        }
    }
}

/// A client, in the simulated test's world if one runs.
func testClient(_ name: String = "", limits: MessagingLimits = MessagingLimits()) throws -> Messenger {
    try NodeEnvironment.inTest.messenger(name, limits: limits)
}

/// Waits until `condition` holds, at most ten seconds, for events on this machine's sockets.
func eventually(_ condition: () -> Bool) async throws -> Bool {
    if SimulatedTest.current != nil {
        try await SimulatedTest.wait(until: condition)
        return true
    }
    for _ in 0..<2000 {
        if condition() { return true }
        try await Task.sleep(for: .milliseconds(5))
    }
    return condition()
}

let tenSeconds = 10_000

extension Deadline {
    static var soon: Deadline { .inTest(milliseconds: tenSeconds) }
}
