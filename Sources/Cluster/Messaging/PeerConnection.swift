internal import ZeroMQ

/// A connected socket with its calls. Owned by the I/O thread.
final class PeerConnection {
    let link: PeerLink
    let socket: Socket
    /// Tells when the connection is made and lost.
    let monitor: Socket
    /// Until then calls wait for the first connection.
    let graceEnd: ContinuousClock.Instant
    var hasBeenConnected = false
    /// Somebody listens at the endpoint, who may just be slow to introduce itself: a paused process, for example.
    var isReached = false
    var calls: [UInt64: Call] = [:]
    /// Of those calls, the ones that wait for a connection, oldest first.
    var unsent: [(requestID: UInt64, message: OutgoingMessage)] = []
    /// The socket's place in the poll; the monitor's is the next.
    var pollIndex = 0

    init(link: PeerLink, socket: Socket, monitor: Socket, graceEnd: ContinuousClock.Instant) {
        self.link = link
        self.socket = socket
        self.monitor = monitor
        self.graceEnd = graceEnd
    }
}
