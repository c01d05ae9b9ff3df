import Core
import Synchronization

/// What identifies a peer at its messenger, and what other threads may see of it.
final class PeerLink: Sendable {
    let number: Int
    let name: String
    let endpoint: Endpoint
    private let connected = Atomic(false)
    private let heard = Mutex<ContinuousClock.Instant?>(nil)

    init(number: Int, name: String, endpoint: Endpoint) {
        self.number = number
        self.name = name
        self.endpoint = endpoint
    }

    /// Written by the exchange only.
    var isConnected: Bool {
        get { connected.load(ordering: .relaxed) }
        set { connected.store(newValue, ordering: .relaxed) }
    }

    /// When the last message came from it. Written by the exchange only.
    var lastHeard: ContinuousClock.Instant? {
        get { heard.withLock { $0 } }
        set { heard.withLock { $0 = newValue } }
    }
}
