import Core
import Platform
import Synchronization

/// What a messenger, its peers and its exchange share.
final class MessengerCore: Sendable {
    let name: String
    let limits: MessagingLimits
    let clock: any Clock
    let transport: any Transport
    let outbox: Outbox
    let counters = Mutex(MessagingCounters())
    private let largeEnvelopes = Mutex<JobPool?>(nil)
    private let lastRequestID = Atomic<UInt64>(0)
    private let lastNumber = Atomic<Int>(0)

    init(name: String, limits: MessagingLimits, clock: any Clock, transport: any Transport) {
        self.name = name
        self.limits = limits
        self.clock = clock
        self.transport = transport
        outbox = Outbox(transport: transport, limits: limits)
    }

    /// The thread that decodes large envelopes; started for the first one.
    ///
    /// - Throws: `resourceExhausted` when the system has no more threads.
    func decoder() throws(ImpRAGError) -> JobPool {
        try largeEnvelopes.withLock { pool throws(ImpRAGError) in
            if let pool { return pool }
            // The real bound is `decodingBytes`.
            let made = try JobPool(name: "decode", count: 1, queueLimit: limits.queuedMessages)
            pool = made
            return made
        }
    }

    /// Ends that thread after its current job.
    func stopDecoder() {
        largeEnvelopes.withLock { $0?.stop() }
    }

    func nextRequestID() -> UInt64 { lastRequestID.wrappingAdd(1, ordering: .relaxed).newValue }

    /// Names a listening socket or a connection.
    func nextNumber() -> Int { lastNumber.wrappingAdd(1, ordering: .relaxed).newValue }

    func count(_ counter: WritableKeyPath<MessagingCounters, Int>) {
        counters.withLock { $0[keyPath: counter] += 1 }
    }
}
