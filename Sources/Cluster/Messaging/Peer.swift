public import Core
internal import Synchronization
public import Wire

/// Another node, to be called. Made by `Messenger.connect`; any thread may use it.
public struct Peer: Sendable {
    let link: PeerLink
    let core: MessengerCore

    public var name: String { link.name }
    public var endpoint: String { link.endpoint.description }
    /// Whether it is connected now.
    public var isConnected: Bool { link.isConnected }
    /// When the last message came from it, whatever it was; nil before the first.
    public var lastHeard: ContinuousClock.Instant? { link.lastHeard }

    /// Sends a request that has any number of replies.
    ///
    /// - Parameters:
    ///   - trace: the trace that the request belongs to, and the span that causes it.
    ///   - collection: the one that must answer; see `Envelope`.
    /// - Throws: `deadlineExceeded` when the deadline has passed, `resourceExhausted` when the queue is full,
    ///   `unavailable` when the messenger is closed. The peer's errors come from the stream.
    public func stream(
        _ request: Request, tensors: [Tensor] = [], fingerprint: Fingerprint? = nil, trace: TraceContext? = nil,
        collection: String = "",
        deadline: Deadline
    ) throws(ImpRAGError) -> ReplyStream {
        let buffer = ReplyBuffer(limit: core.limits.bufferedReplies)
        return ReplyStream(
            try begin(request, tensors, fingerprint, trace, collection, deadline, sink: buffer), replies: buffer,
            cancels: self)
    }

    /// Sends a request whose replies, or failure, go to `handler` as they arrive, in order, on the exchange's thread.
    /// It must not block.
    ///
    /// - Returns: the call, to cancel it with; dropping it changes nothing.
    /// - Throws: as `stream` does; `handler` is not called then.
    public func call(
        _ request: Request, tensors: [Tensor] = [], fingerprint: Fingerprint? = nil, trace: TraceContext? = nil,
        deadline: Deadline,
        handler: @escaping @Sendable (CallEvent) -> Void
    ) throws(ImpRAGError) -> OutgoingCall {
        OutgoingCall(
            try begin(request, tensors, fingerprint, trace, "", deadline, sink: ReplyHandler(handler)), cancels: self)
    }

    private func begin(
        _ request: Request, _ tensors: [Tensor], _ fingerprint: Fingerprint?, _ trace: TraceContext?,
        _ collection: String,
        _ deadline: Deadline, sink: any ReplySink
    ) throws(ImpRAGError) -> Call {
        let milliseconds = deadline.remainingMilliseconds
        let what = "\(request.name) on \(link.name)"
        guard milliseconds > 0 else {
            throw ImpRAGError(.deadlineExceeded, "\(what): the deadline has passed")
        }
        let call = Call(requestID: core.nextRequestID(), deadline: deadline, what: what, sink: sink)
        let envelope = Envelope(
            requestID: call.requestID, deadlineMilliseconds: UInt32(clamping: milliseconds), fingerprint: fingerprint,
            tensors: tensors.map(\.description), node: core.name, trace: trace, collection: collection,
            body: .request(request))
        let message = OutgoingMessage(envelope, tensors: tensors, for: core.transport)
        guard message.headCount <= core.limits.envelopeBytes else {
            throw ImpRAGError(
                .invalidArgument,
                "\(what): the envelope has \(message.headCount) bytes; \(core.limits.envelopeBytes) are allowed")
        }
        switch core.outbox.send(.call(link, call, message)) {
        case .accepted: return call
        case .full: throw ImpRAGError(.resourceExhausted, "\(what): too many messages wait to be sent")
        case .closed: throw ImpRAGError(.unavailable, "\(what): this node has closed its sockets")
        }
    }

    /// Ends a call that nobody wants any more, and tells the peer.
    func cancel(_ call: Call) {
        guard !call.hasEnded else { return }
        call.fail(ImpRAGError(.cancelled, "the \(call.what) was cancelled"))
        _ = core.outbox.send(.abandon(link, requestID: call.requestID))
    }

    /// Sends a request that has one reply. Throws what `stream` and its `next` throw.
    public func call(
        _ request: Request, tensors: [Tensor] = [], fingerprint: Fingerprint? = nil, trace: TraceContext? = nil,
        deadline: Deadline
    ) async throws(ImpRAGError) -> IncomingReply {
        let replies = try stream(
            request, tensors: tensors, fingerprint: fingerprint, trace: trace, deadline: deadline)
        guard let reply = try await replies.next() else {
            throw ImpRAGError(.internal, "\(request.name) on \(link.name) ended without a reply")
        }
        return reply
    }

    /// Gives the connection up: it ends when the calls that it has are over, and every later call fails with
    /// `unavailable`.
    public func disconnect() {
        _ = core.outbox.send(.disconnect(link))
    }

    /// Returns when the peer has answered.
    public func ping(deadline: Deadline) async throws(ImpRAGError) {
        _ = try await call(.ping, deadline: deadline)
    }
}
