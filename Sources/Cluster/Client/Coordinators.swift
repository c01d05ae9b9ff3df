import Core
import Messaging
import Synchronization
import Wire

/// A cluster's coordinators, in the order in which they are tried: the one that answered last, then the others.
///
/// A request goes to the next one when a coordinator cannot be reached, is lost, is `unavailable`, or is silent and
/// answers no ping either. Each coordinator holds all that a request needs, so any of them will do.
final class Coordinators: Sendable {
    let peers: [Peer]
    /// The collection that must answer, by its name or an alias; empty for any.
    private let collection: String
    /// The trace that the requests belong to.
    private let trace: TraceContext?
    private let preferred = Atomic(0)

    /// How long a request goes on trying all of them while none can be reached: one may be starting, another stopping.
    static let patience = Duration.seconds(2)
    /// Between two such rounds.
    static let pause = Duration.milliseconds(50)
    /// A coordinator of which nothing is heard for this long is pinged, or for a quarter of the time that is left.
    static let quietMilliseconds = 1000
    /// How long it may take to answer that, or an eighth of the time that is left.
    static let pingMilliseconds = 500
    /// The least of both: less says nothing about a busy machine.
    static let shortestMilliseconds = 50
    /// A ping whose timeout fires later than this says nothing: this process itself was held up.
    static let ownDelay = Duration.milliseconds(100)

    /// - Parameter peers: at least one.
    init(_ peers: [Peer], collection: String, trace: TraceContext? = nil) {
        self.peers = peers
        self.collection = collection
        self.trace = trace
    }

    /// The same coordinators, for another collection.
    func serving(_ collection: String) -> Coordinators { Coordinators(peers, collection: collection, trace: trace) }

    /// The coordinator at `place` of the order.
    func peer(_ place: Int, from first: Int) -> Peer { peers[(first + place) % peers.count] }

    /// Begins a request. Throws as `Peer.stream` does.
    func stream(
        _ request: Request, fingerprint: Fingerprint?, deadline: Deadline
    ) throws(ImpRAGError) -> CoordinatorReplies {
        try CoordinatorReplies(self, first: preferred.load(ordering: .relaxed), deadline: deadline) {
            [collection, trace] peer throws(ImpRAGError) in
            try peer.stream(
                request, fingerprint: fingerprint, trace: trace, collection: collection, deadline: deadline)
        }
    }

    /// Sends a request that has one reply.
    func call(
        _ request: Request, fingerprint: Fingerprint? = nil, deadline: Deadline
    ) async throws(ImpRAGError) -> IncomingReply {
        guard let reply = try await stream(request, fingerprint: fingerprint, deadline: deadline).next() else {
            throw ImpRAGError(.internal, "\(request.name) ended without a reply")
        }
        return reply
    }

    func answered(_ place: Int, from first: Int) {
        preferred.store((first + place) % peers.count, ordering: .relaxed)
    }
}
