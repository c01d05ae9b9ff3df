import Core
import Messaging
import Synchronization

/// One request of a client that was let in by its key, until it is dropped.
final class Admission: Sendable {
    private struct State {
        var isRevoked = false
        var handler: (@Sendable () -> Void)?
    }

    let key: BearerKey
    let allowance: Allowance
    private let ended: @Sendable () -> Void
    private let state = Mutex(State())

    init(_ key: BearerKey, _ allowance: Allowance, ended: @escaping @Sendable () -> Void) {
        self.key = key
        self.allowance = allowance
        self.ended = ended
    }

    deinit {
        ended()
    }

    /// What a client is told whose key is revoked while it waits.
    var failure: GatewayFailure? {
        guard state.withLock(\.isRevoked) else { return nil }
        return GatewayFailure(ImpRAGError(.unauthenticated, "the key \"\(key.name)\" has been revoked"))
    }

    /// Calls `handler` when the key is revoked; at once if it is.
    func onRevoked(_ handler: @escaping @Sendable () -> Void) {
        let isRevoked = state.withLock { state in
            if !state.isRevoked { state.handler = handler }
            return state.isRevoked
        }
        if isRevoked { handler() }
    }

    func revoke() {
        let handler = state.withLock { state in
            state.isRevoked = true
            defer { state.handler = nil }
            return state.handler
        }
        handler?()
    }
}
