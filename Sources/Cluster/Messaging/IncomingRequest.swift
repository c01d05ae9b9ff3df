public import Core
internal import Synchronization
public import Wire

/// A request that this node has to answer, with replies, the last of which ends it, or with a failure. Any thread may
/// do so.
///
/// If the last reference goes before the request has ended, the caller gets `internal`.
public final class IncomingRequest: Sendable {
    public let body: Request
    public let tensors: [Tensor]
    /// Once it passes, the messenger answers `deadline_exceeded` and cancels the request.
    public let deadline: Deadline
    /// When it arrived.
    public let arrival: ContinuousClock.Instant
    /// The model that the caller's vectors and states belong to, or that must answer.
    public let fingerprint: Fingerprint?
    /// Who sent it.
    public let caller: Caller
    /// What the sender calls itself, which proves nothing; empty for most clients.
    public let claimedName: String
    /// The collection that must answer, by its name or an alias; empty for any.
    public let collection: String
    /// The trace that the caller's request belongs to.
    public let callerTrace: TraceContext?
    /// Whether the exchange's thread had waited for it, and handed on nothing else just before.
    public let cameAlone: Bool

    /// The connection that it came over, to tell clients apart.
    package var client: ClientKey { key.client }

    private let lastReply = Mutex<Reply?>(nil)
    private let ownTrace = Mutex<RequestTrace?>(nil)
    private let key: RequestKey
    private let state: RequestState
    private let core: MessengerCore

    init(
        _ envelope: Envelope, request: Request, tensors: [Tensor], deadline: Deadline, key: RequestKey,
        caller: Caller, cameAlone: Bool, state: RequestState, core: MessengerCore
    ) {
        body = request
        self.tensors = tensors
        self.deadline = deadline
        arrival = deadline.clock.now
        fingerprint = envelope.fingerprint
        self.caller = caller
        claimedName = envelope.node
        collection = envelope.collection
        callerTrace = envelope.trace
        self.cameAlone = cameAlone
        self.key = key
        self.state = state
        self.core = core
    }

    deinit {
        if state.isOpen {
            send(
                .failure(
                    Failure(
                        code: .internal, message: "the request \(body.name) was dropped without an answer",
                        node: core.name)),
                tensors: [], fingerprint: nil, more: false)
        }
    }

    /// The handler's last reply, whether or not the caller still wanted it; nil before, and after a failure.
    public var outcome: Reply? { lastReply.withLock { $0 } }
    /// What records this node's share of the request; nil when nobody does.
    public var trace: RequestTrace? { ownTrace.withLock { $0 } }

    /// Has `trace` record what is done for the request from now on.
    public func record(in trace: RequestTrace) { ownTrace.withLock { $0 = trace } }

    /// What requests to other nodes that this one causes carry.
    public var onwardTrace: TraceContext? { trace?.context ?? callerTrace }

    /// True once nobody wants the answer: the client cancelled or went away, or the deadline passed.
    public var isCancelled: Bool { state.isCancelled }

    /// Calls `handler` once when the request is cancelled; immediately if it already is. It must not block.
    public func onCancel(_ handler: @escaping @Sendable () -> Void) {
        state.onCancel(handler)
    }

    /// Checks that what the request carries or asks for belongs to the model `fingerprint`.
    ///
    /// - Parameters:
    ///   - what: what it carries, as in "the query vectors".
    ///   - here: what has the fingerprint, as in "this generator runs".
    /// - Throws: `invalidArgument` without a fingerprint, `failedPrecondition` with both for another model's.
    public func require(_ fingerprint: Fingerprint, of what: String, here: String) throws(ImpRAGError) {
        guard let theirs = self.fingerprint else {
            throw ImpRAGError(.invalidArgument, "\(what) come with no fingerprint; that of their model is needed")
        }
        guard theirs == fingerprint else {
            throw ImpRAGError(.failedPrecondition, "\(what) are of the model \(theirs), but \(here) \(fingerprint)")
        }
    }

    /// Sends a reply.
    ///
    /// - Parameter more: whether another reply will follow; without it this one ends the request.
    /// - Returns: false when it was not sent because the request has ended or is cancelled: stop working on it.
    @discardableResult
    public func reply(
        _ reply: Reply, tensors: [Tensor] = [], fingerprint: Fingerprint? = nil, more: Bool = false
    ) -> Bool {
        if !more { lastReply.withLock { $0 = reply } }
        return send(reply, tensors: tensors, fingerprint: fingerprint, more: more)
    }

    /// Ends the request with an error.
    @discardableResult
    public func fail(_ error: ImpRAGError) -> Bool {
        send(.failure(Failure(error, node: core.name)), tensors: [], fingerprint: nil, more: false)
    }

    @discardableResult
    private func send(_ reply: Reply, tensors: [Tensor], fingerprint: Fingerprint?, more: Bool) -> Bool {
        guard let number = state.beginReply(isLast: !more) else { return false }
        var envelope = Envelope(
            requestID: key.requestID, fingerprint: fingerprint, tensors: tensors.map(\.description), node: core.name,
            more: more, replyNumber: number, body: .reply(reply))
        var message = OutgoingMessage(envelope, tensors: tensors, for: core.transport)
        let limit = core.limits.replyEnvelopeBytes
        if message.headCount > limit {
            let reason =
                "the reply \(reply.name) has \(message.headCount) bytes; \(limit) are allowed: ask for less at once"
            _ = state.beginReply(isLast: true)
            envelope = Envelope(
                requestID: key.requestID, node: core.name,
                body: .reply(.failure(Failure(code: .resourceExhausted, message: reason, node: core.name))))
            message = OutgoingMessage(envelope, for: core.transport)
        }
        if core.outbox.send(.reply(key, message, isLast: !envelope.more)) == .accepted { return true }
        // Without this reply the rest would make no sense to the client.
        state.cancel()
        _ = core.outbox.send(.drop(key))
        return false
    }
}
