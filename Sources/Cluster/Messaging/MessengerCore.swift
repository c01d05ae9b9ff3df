import Core
import Platform
import Synchronization
import ZeroMQ

/// What a messenger, its peers and its I/O thread share.
final class MessengerCore: Sendable {
    let name: String
    let limits: MessagingLimits
    let context: Context
    let waker: Waker
    let outbox: Outbox
    let counters = Mutex(MessagingCounters())
    private let largeEnvelopes = Mutex<JobPool?>(nil)
    private let lastRequestID = Atomic<UInt64>(0)
    private let peerCount = Atomic<Int>(0)

    init(name: String, limits: MessagingLimits) throws(ZeroMQError) {
        self.name = name
        self.limits = limits
        context = try Context(maxSockets: 65_535)
        waker = try Waker()
        outbox = Outbox(waker: waker, limits: limits)
    }

    /// The thread that reads large envelopes; made when the first one comes.
    ///
    /// - Throws: `resourceExhausted` when the system has no more threads.
    func decoder() throws(ImpRAGError) -> JobPool {
        try largeEnvelopes.withLock { pool throws(ImpRAGError) in
            if let pool { return pool }
            // Their bytes are what is bounded.
            let made = try JobPool(name: "decode", count: 1, queueLimit: limits.queuedMessages)
            pool = made
            return made
        }
    }

    /// Ends that thread, after what it reads now.
    func stopDecoder() {
        largeEnvelopes.withLock { $0?.stop() }
    }

    func nextRequestID() -> UInt64 { lastRequestID.wrappingAdd(1, ordering: .relaxed).newValue }

    func nextPeerNumber() -> Int { peerCount.wrappingAdd(1, ordering: .relaxed).newValue }

    func count(_ counter: WritableKeyPath<MessagingCounters, Int>) {
        counters.withLock { $0[keyPath: counter] += 1 }
    }
}
