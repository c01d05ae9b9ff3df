import Core
import Messaging
import Synchronization
import TestSupport
import Wire

/// A listening messenger that keeps the requests it got.
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
        messenger = try Messenger(name: name, limits: limits)
        let keeper = keeper
        try messenger.listen(on: endpoint, handler: handler ?? { keeper.keep($0) })
    }

    /// The next request that was kept.
    func next() async throws -> IncomingRequest { try await keeper.next() }

    func stop() {
        messenger.close()
    }
}

/// Requests on their way from a handler to a test.
private final class Keeper: Sendable {
    private let requests = Mutex<[IncomingRequest]>([])

    func keep(_ request: IncomingRequest) {
        requests.withLock { $0.append(request) }
    }

    func next() async throws -> IncomingRequest {
        for _ in 0..<2000 {
            if let request = requests.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) { return request }
            try await Task.sleep(for: .milliseconds(5))
        }
        throw ImpRAGError(.deadlineExceeded, "no request came in ten seconds")
    }
}

/// Waits until `condition` holds, ten seconds at most.
func eventually(_ condition: () -> Bool) async throws -> Bool {
    for _ in 0..<2000 {
        if condition() { return true }
        try await Task.sleep(for: .milliseconds(5))
    }
    return condition()
}

let tenSeconds = 10_000

extension Deadline {
    static var soon: Deadline { .after(milliseconds: tenSeconds) }
}
