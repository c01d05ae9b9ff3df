public import Core
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
    /// The caller's name; empty for most clients.
    public let caller: String

    /// The connection that it came over, to tell clients apart.
    package var client: ClientKey { key.client }

    private let key: RequestKey
    private let state: RequestState
    private let core: MessengerCore

    init(
        _ envelope: Envelope, request: Request, tensors: [Tensor], deadline: Deadline, key: RequestKey,
        state: RequestState, core: MessengerCore
    ) {
        body = request
        self.tensors = tensors
        self.deadline = deadline
        arrival = deadline.clock.now
        fingerprint = envelope.fingerprint
        caller = envelope.node
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
        send(reply, tensors: tensors, fingerprint: fingerprint, more: more)
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
