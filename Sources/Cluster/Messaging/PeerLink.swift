import Core
import Synchronization

/// What identifies a peer at its messenger, and what other threads may see of it.
final class PeerLink: Sendable {
    let number: Int
    let name: String
    let endpoint: Endpoint
    private let connected = Atomic(false)

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
}
