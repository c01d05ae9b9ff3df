/// The calls to one peer. Owned by the exchange.
final class PeerConnection {
    /// A call that is waiting for replies.
    struct ActiveCall {
        let call: Call
        /// Of its request.
        let byteCount: Int
        /// The number of the next reply.
        var nextReply: UInt32 = 0
    }

    let link: PeerLink
    /// Calls wait for the first connection until then.
    let graceEnd: ContinuousClock.Instant
    var hasBeenConnected = false
    /// Somebody listens at the endpoint but has not finished the handshake: a paused process, for example.
    var isReached = false
    /// Nobody listens at the endpoint, as far as known.
    var isRefused = false
    /// Why the peer does not let us in, as far as known.
    var denial: String?
    /// Nobody will call that peer again: the connection ends with its last call.
    var isClosing = false
    var calls: [UInt64: ActiveCall] = [:]
    /// Those of the calls that wait for a connection, oldest first.
    var unsent: [(requestID: UInt64, message: OutgoingMessage)] = []

    init(link: PeerLink, graceEnd: ContinuousClock.Instant) {
        self.link = link
        self.graceEnd = graceEnd
    }
}
