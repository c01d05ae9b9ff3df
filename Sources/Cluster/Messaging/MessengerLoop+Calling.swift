import Core
internal import Wire
internal import ZeroMQ

/// Calls: requests to peers, and their replies to the tasks that wait.
extension MessengerLoop {
    private static let frameLimit = 1 + TensorDescription.countLimit

    func start(_ call: Call, _ message: OutgoingMessage, on connection: PeerConnection) {
        guard !call.hasEnded else { return }
        guard connection.calls.count < core.limits.calls else {
            call.fail(
                ImpRAGError(
                    .resourceExhausted, "\(call.what): \(connection.calls.count) calls already wait for that node"))
            return
        }
        connection.calls[call.requestID] = call
        callCount += 1
        timers.add(.call(peer: connection.link.number, requestID: call.requestID), at: call.deadline.instant)
        if connection.link.isConnected {
            transmit(call, message, on: connection)
        } else if !connection.isReached, connection.hasBeenConnected || connection.graceEnd <= ContinuousClock.now {
            fail(
                call.requestID, on: connection, .unavailable,
                "\(call.what): \(connection.link.endpoint) does not answer")
        } else {
            connection.unsent.append((call.requestID, message))
        }
    }

    private func transmit(_ call: Call, _ message: OutgoingMessage, on connection: PeerConnection) {
        do {
            if try send(message, on: connection.socket) { return }
            fail(
                call.requestID, on: connection, .resourceExhausted,
                "\(call.what): \(core.limits.messagesPerConnection) messages wait for it already")
        } catch {
            fail(call.requestID, on: connection, .unavailable, "\(call.what): cannot be sent: \(error)")
        }
    }

    /// The consumer has gone: the peer may stop.
    func abandon(_ requestID: UInt64, on connection: PeerConnection) {
        guard removeCall(requestID, on: connection) != nil else { return }
        sendCancel(of: requestID, on: connection)
    }

    func sendCancel(of requestID: UInt64, on connection: PeerConnection) {
        guard connection.link.isConnected else { return }
        let envelope = Envelope(requestID: requestID, node: core.name, body: .request(.cancel))
        _ = try? send(OutgoingMessage(envelope: envelope.encoded(), tensors: []), on: connection.socket)
    }

    func expireCall(_ requestID: UInt64, on connection: PeerConnection) {
        guard let call = removeCall(requestID, on: connection) else { return }
        // The peer may be further from its own deadline than we are from ours.
        sendCancel(of: requestID, on: connection)
        call.fail(
            ImpRAGError(.deadlineExceeded, "\(call.what): no answer from \(connection.link.name) before the deadline"))
    }

    /// The first connection has had its time: what waits for it fails, unless somebody listens there.
    func endGrace(of connection: PeerConnection) {
        guard !connection.hasBeenConnected, !connection.isReached else { return }
        failUnsent(of: connection)
    }

    private func failUnsent(of connection: PeerConnection) {
        let unsent = connection.unsent
        connection.unsent = []
        for (requestID, _) in unsent {
            guard let call = connection.calls[requestID] else { continue }
            fail(
                requestID, on: connection, .unavailable, "\(call.what): nothing answers at \(connection.link.endpoint)")
        }
    }

    func receiveEvents(of connection: PeerConnection) {
        while let (frames, _) = try? receiveFrames(from: connection.monitor, limit: 2), let first = frames.first {
            switch first.withBytes({ ConnectionEvent($0) }) {
            case .reached: connection.isReached = true
            case .refused: refused(connection)
            case .connected: connected(connection)
            case .disconnected: disconnected(connection)
            case nil: break
            }
        }
    }

    /// What waited because somebody listened there waits in vain; before the first connection it waits for its time.
    private func refused(_ connection: PeerConnection) {
        guard connection.isReached else { return }
        connection.isReached = false
        if connection.hasBeenConnected || connection.graceEnd <= ContinuousClock.now { failUnsent(of: connection) }
    }

    private func connected(_ connection: PeerConnection) {
        connection.link.isConnected = true
        connection.isReached = true
        connection.hasBeenConnected = true
        let unsent = connection.unsent
        connection.unsent = []
        for (requestID, message) in unsent {
            if let call = connection.calls[requestID] { transmit(call, message, on: connection) }
        }
    }

    /// The peer forgets us with the connection, so nobody will answer what it has.
    private func disconnected(_ connection: PeerConnection) {
        receiveReplies(from: connection)
        connection.link.isConnected = false
        connection.isReached = false
        for call in connection.calls.values {
            fail(call.requestID, on: connection, .unavailable, "\(call.what): the connection was lost")
        }
    }

    func receiveReplies(from connection: PeerConnection) {
        for _ in 0..<Self.burst {
            guard let (frames, isCut) = try? receiveFrames(from: connection.socket, limit: Self.frameLimit) else {
                return
            }
            receive(frames, isCut: isCut, from: connection)
        }
    }

    private func receive(_ frames: [Frame], isCut: Bool, from connection: PeerConnection) {
        guard let first = frames.first else { return }
        let envelope: Envelope
        do {
            let limit = core.limits.replyEnvelopeBytes
            envelope = try first.withBytes { bytes throws(DecodingFailure) in
                try Envelope(decoding: bytes, limit: limit)
            }
        } catch {
            core.count(\.malformed)
            if let requestID = error.requestID {
                reject(requestID, on: connection, error.message)
            }
            return
        }
        guard case .reply(let reply) = envelope.body else {
            core.count(\.malformed)
            return
        }
        guard let call = connection.calls[envelope.requestID] else {
            core.count(\.lateReplies)
            return
        }
        do {
            let tensors = try Tensor.received(envelope.tensors, Array(frames.dropFirst()), isCut: isCut)
            if case .failure(let failure) = reply {
                _ = removeCall(envelope.requestID, on: connection)
                call.fail(failure.error)
                return
            }
            let incoming = IncomingReply(
                body: reply, tensors: tensors, fingerprint: envelope.fingerprint, node: envelope.node)
            if !envelope.more { _ = removeCall(envelope.requestID, on: connection) }
            if !call.deliver(incoming, isLast: !envelope.more) {
                abandon(envelope.requestID, on: connection)
                call.fail(ImpRAGError(.resourceExhausted, "\(call.what): too many replies were not taken"))
            }
        } catch {
            core.count(\.malformed)
            reject(envelope.requestID, on: connection, error.message)
        }
    }

    /// A reply that cannot be read ends its call.
    private func reject(_ requestID: UInt64, on connection: PeerConnection, _ message: String) {
        guard let call = removeCall(requestID, on: connection) else { return }
        sendCancel(of: requestID, on: connection)
        call.fail(ImpRAGError(.failedPrecondition, "\(call.what): the reply cannot be read: \(message)"))
    }

    private func fail(_ requestID: UInt64, on connection: PeerConnection, _ code: ErrorCode, _ message: String) {
        removeCall(requestID, on: connection)?.fail(ImpRAGError(code, message))
    }

    private func removeCall(_ requestID: UInt64, on connection: PeerConnection) -> Call? {
        guard let call = connection.calls.removeValue(forKey: requestID) else { return nil }
        callCount -= 1
        if !connection.unsent.isEmpty { connection.unsent.removeAll { $0.requestID == requestID } }
        return call
    }
}
