/// The calls to one peer. Owned by the exchange.
final class PeerConnection {
    /// A call that waits for replies.
    struct ActiveCall {
        let call: Call
        /// The number of the reply that comes next.
        var nextReply: UInt32 = 0
    }

    let link: PeerLink
    /// Until then calls wait for the first connection.
    let graceEnd: ContinuousClock.Instant
    var hasBeenConnected = false
    /// Somebody listens at the endpoint, who may just be slow to introduce itself: a paused process, for example.
    var isReached = false
    /// Nobody will call that peer again: the connection ends with its last call.
    var isClosing = false
    var calls: [UInt64: ActiveCall] = [:]
    /// Of those calls, the ones that wait for a connection, oldest first.
    var unsent: [(requestID: UInt64, message: OutgoingMessage)] = []

    init(link: PeerLink, graceEnd: ContinuousClock.Instant) {
        self.link = link
        self.graceEnd = graceEnd
    }
}
