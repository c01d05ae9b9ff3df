import Core
internal import Wire

/// Calls: requests to peers, and their replies to the waiting tasks.
extension Exchange {
    func start(_ call: Call, _ message: OutgoingMessage, on connection: PeerConnection) {
        guard !call.hasEnded else { return }
        guard connection.calls.count < core.limits.calls else {
            call.fail(
                ImpRAGError(
                    .resourceExhausted, "\(call.what): \(connection.calls.count) calls already wait for that node"))
            return
        }
        connection.calls[call.requestID] = PeerConnection.ActiveCall(call: call)
        callCount += 1
        timers.add(.call(peer: connection.link.number, requestID: call.requestID), at: call.deadline.instant)
        if connection.link.isConnected {
            transmit(call, message, on: connection)
        } else if !connection.isReached, !mayConnect(connection) {
            fail(
                call.requestID, on: connection, .unavailable,
                "\(call.what): \(connection.link.endpoint) does not answer")
        } else {
            connection.unsent.append((call.requestID, message))
        }
    }

    /// Whether calls wait for a connection that does not stand.
    private func mayConnect(_ connection: PeerConnection) -> Bool {
        !connection.hasBeenConnected && connection.graceEnd > clock.now
            && (core.limits.waitsForListener || !connection.isRefused)
    }

    private func transmit(_ call: Call, _ message: OutgoingMessage, on connection: PeerConnection) {
        switch transport.send(message, on: connection.link.number) {
        case .sent: break
        // Nothing can be sent either once a connection is lost, which may not have been reported yet.
        case .full where connection.calls.count < core.limits.messagesPerConnection:
            fail(call.requestID, on: connection, .unavailable, "\(call.what): the connection is being lost")
        case .full:
            fail(
                call.requestID, on: connection, .resourceExhausted,
                "\(call.what): \(core.limits.messagesPerConnection) messages wait for it already")
        case .unreachable: fail(call.requestID, on: connection, .unavailable, "\(call.what): it cannot be sent")
        }
    }

    /// The consumer has gone: tells the peer to stop.
    func abandon(_ requestID: UInt64, on connection: PeerConnection) {
        guard removeCall(requestID, on: connection) != nil else { return }
        sendCancel(of: requestID, on: connection)
    }

    func sendCancel(of requestID: UInt64, on connection: PeerConnection) {
        guard connection.link.isConnected else { return }
        let envelope = Envelope(requestID: requestID, node: core.name, body: .request(.cancel))
        _ = transport.send(OutgoingMessage(envelope, for: core.transport), on: connection.link.number)
    }

    func expireCall(_ requestID: UInt64, on connection: PeerConnection) {
        guard let call = removeCall(requestID, on: connection) else { return }
        // The peer's own deadline may pass later than ours.
        sendCancel(of: requestID, on: connection)
        call.fail(
            ImpRAGError(.deadlineExceeded, "\(call.what): no answer from \(connection.link.name) before the deadline"))
    }

    /// The time for the first connection is up: calls that wait for it fail, unless somebody listens there.
    func endGrace(of connection: PeerConnection) {
        guard !connection.hasBeenConnected, !connection.isReached else { return }
        failUnsent(of: connection)
    }

    private func failUnsent(of connection: PeerConnection) {
        let unsent = connection.unsent
        connection.unsent = []
        for (requestID, _) in unsent {
            guard let call = connection.calls[requestID]?.call else { continue }
            fail(
                requestID, on: connection, .unavailable, "\(call.what): nothing answers at \(connection.link.endpoint)")
        }
    }

    /// Handles what happened to a connection.
    package func happened(_ news: ConnectionNews, to number: Int) {
        guard let connection = connections[number] else { return }
        switch news {
        case .reached:
            connection.isReached = true
            connection.isRefused = false
        case .refused: refused(connection)
        case .connected: connected(connection)
        case .lost: lost(connection)
        }
    }

    /// Calls that waited because somebody might listen there fail; before the grace time ends they go on waiting.
    private func refused(_ connection: PeerConnection) {
        connection.isReached = false
        connection.isRefused = true
        if !mayConnect(connection) { failUnsent(of: connection) }
    }

    private func connected(_ connection: PeerConnection) {
        connection.link.isConnected = true
        connection.isReached = true
        connection.hasBeenConnected = true
        let unsent = connection.unsent
        connection.unsent = []
        for (requestID, message) in unsent {
            if let active = connection.calls[requestID] { transmit(active.call, message, on: connection) }
        }
    }

    /// The peer forgets us along with the connection, so what it has will not be answered.
    private func lost(_ connection: PeerConnection) {
        connection.link.isConnected = false
        connection.isReached = false
        for (requestID, active) in connection.calls {
            fail(requestID, on: connection, .unavailable, "\(active.call.what): the connection was lost")
        }
    }

    /// Handles a message from the peer on the connection `number`.
    package func received(_ message: IncomingMessage, on number: Int) {
        guard let connection = connections[number] else { return }
        connection.link.lastHeard = clock.now
        let envelope: Envelope
        switch message.envelope(limit: core.limits.replyEnvelopeBytes) {
        case .success(let read): envelope = read
        case .failure(let failure):
            core.count(\.malformed)
            if let requestID = failure.requestID { reject(requestID, on: connection, failure.message) }
            return
        }
        guard case .reply(let reply) = envelope.body else {
            core.count(\.malformed)
            return
        }
        guard let active = connection.calls[envelope.requestID] else {
            core.count(\.lateReplies)
            // The peer may not know that nobody waits: the cancel may have been lost.
            if envelope.more { sendCancel(of: envelope.requestID, on: connection) }
            return
        }
        do throws(ImpRAGError) {
            if case .failure(let failure) = reply {
                _ = removeCall(envelope.requestID, on: connection)
                active.call.fail(failure.error)
                return
            }
            if let number = envelope.replyNumber {
                guard number >= active.nextReply else { return core.count(\.doubled) }
                guard number == active.nextReply else { return loseReplies(active.call, on: connection) }
                connection.calls[envelope.requestID]?.nextReply += 1
            }
            let incoming = IncomingReply(
                body: reply, tensors: try message.tensors(envelope.tensors), fingerprint: envelope.fingerprint,
                node: envelope.node)
            if !envelope.more { _ = removeCall(envelope.requestID, on: connection) }
            if !active.call.deliver(incoming, isLast: !envelope.more) {
                abandon(envelope.requestID, on: connection)
                active.call.fail(
                    ImpRAGError(.resourceExhausted, "\(active.call.what): too many replies were not taken"))
            }
        } catch {
            core.count(\.malformed)
            reject(envelope.requestID, on: connection, error.message)
        }
    }

    /// A reply is missing: what follows it makes no sense.
    private func loseReplies(_ call: Call, on connection: PeerConnection) {
        sendCancel(of: call.requestID, on: connection)
        fail(call.requestID, on: connection, .unavailable, "\(call.what): replies were lost on the way")
    }

    /// An unreadable reply ends its call.
    private func reject(_ requestID: UInt64, on connection: PeerConnection, _ message: String) {
        guard let call = removeCall(requestID, on: connection) else { return }
        sendCancel(of: requestID, on: connection)
        call.fail(ImpRAGError(.failedPrecondition, "\(call.what): the reply cannot be read: \(message)"))
    }

    private func fail(_ requestID: UInt64, on connection: PeerConnection, _ code: ErrorCode, _ message: String) {
        removeCall(requestID, on: connection)?.fail(ImpRAGError(code, message))
    }

    private func removeCall(_ requestID: UInt64, on connection: PeerConnection) -> Call? {
        guard let active = connection.calls.removeValue(forKey: requestID) else { return nil }
        callCount -= 1
        if !connection.unsent.isEmpty { connection.unsent.removeAll { $0.requestID == requestID } }
        return active.call
    }
}
