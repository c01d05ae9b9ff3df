import Core
internal import Wire
internal import ZeroMQ

/// Requests: from the sockets to the handlers, and replies back.
extension MessengerLoop {
    /// A routing id, an envelope and its tensors.
    private static let frameLimit = 2 + 16

    func receiveRequests(at index: Int) {
        for _ in 0..<Self.burst {
            do {
                guard let (frames, isCut) = try receiveFrames(from: servers[index].socket, limit: Self.frameLimit)
                else {
                    return
                }
                receive(frames, isCut: isCut, at: index)
            } catch {
                return
            }
        }
    }

    private func receive(_ frames: [Frame], isCut: Bool, at index: Int) {
        guard let identity = frames.first else { return }
        let client = ClientKey(server: index, routingID: identity.numbers())
        guard frames.count > 1 else {
            core.count(\.malformed)
            return
        }
        let envelope: Envelope
        do {
            let limit = core.limits.envelopeBytes
            envelope = try frames[1].withBytes { bytes throws(DecodingFailure) in
                try Envelope(decoding: bytes, limit: limit)
            }
        } catch {
            core.count(\.malformed)
            // Never answer a reply: two nodes could go on so for ever.
            if error.isReply != true {
                refuse(error.message, RequestKey(client: client, requestID: error.requestID ?? 0))
            }
            return
        }
        guard case .request(let request) = envelope.body else {
            core.count(\.malformed)
            return
        }
        let key = RequestKey(client: client, requestID: envelope.requestID)
        switch request {
        case .cancel:
            if let state = removeRequest(key) {
                core.count(\.cancelled)
                state.cancel()
            }
        case .ping:
            send(.ping, to: key)
        case .ask, .search, .status, .shardSearch, .generate:
            do {
                let tensors = try Tensor.received(envelope.tensors, Array(frames.dropFirst(2)), isCut: isCut)
                try accept(envelope, request, tensors, key)
            } catch {
                if error.code == .resourceExhausted { core.count(\.refused) } else { core.count(\.malformed) }
                sendFailure(error.code, error.message, to: key)
            }
        }
    }

    private func accept(
        _ envelope: Envelope, _ request: Request, _ tensors: [Tensor], _ key: RequestKey
    ) throws(ImpRAGError) {
        guard envelope.requestID != 0 else {
            throw ImpRAGError(.invalidArgument, "request_id is 0; choose another number for each request in flight")
        }
        guard envelope.deadlineMilliseconds > 0 else {
            throw ImpRAGError(
                .invalidArgument, "deadline_ms is 0; every request says how many milliseconds its caller will wait")
        }
        guard clients[key.client]?[key.requestID] == nil else {
            throw ImpRAGError(
                .invalidArgument, "request_id \(key.requestID) belongs to another request of this connection in flight")
        }
        guard requestCount < core.limits.requests else {
            throw ImpRAGError(
                .resourceExhausted, "\(core.name) already works on \(requestCount) requests, its limit; try again later"
            )
        }
        let state = RequestState()
        clients[key.client, default: [:]][key.requestID] = state
        requestCount += 1
        core.count(\.requests)
        let milliseconds = min(Int(envelope.deadlineMilliseconds), core.limits.deadlineMilliseconds)
        let deadline = Deadline.after(milliseconds: milliseconds)
        timers.add(.request(key), at: deadline.instant)
        servers[key.client.server].handler(
            IncomingRequest(
                envelope, request: request, tensors: tensors, deadline: deadline, key: key, state: state,
                outbox: core.outbox, node: core.name))
    }

    func sendReply(_ message: OutgoingMessage, to key: RequestKey, isLast: Bool) {
        // Cancelled in the meantime: the client no longer waits.
        guard clients[key.client]?[key.requestID] != nil else { return }
        let state = isLast ? removeRequest(key) : clients[key.client]?[key.requestID]
        do {
            if try send(message, to: key.client.routingID, on: servers[key.client.server].socket) { return }
            // The client does not read: it would not understand the rest without this reply.
            core.count(\.abandoned)
            removeRequest(key)?.cancel()
            state?.cancel()
        } catch {
            core.count(\.abandoned)
            state?.cancel()
            let requests = clients.removeValue(forKey: key.client) ?? [:]
            requestCount -= requests.count
            for state in requests.values { state.cancel() }
        }
    }

    /// The deadline of a request has passed: its client is told, its work stopped.
    func expireRequest(_ key: RequestKey) {
        guard let state = removeRequest(key) else { return }
        core.count(\.expired)
        state.cancel()
        sendFailure(.deadlineExceeded, "\(core.name) did not finish before the deadline", to: key)
    }

    /// Takes a request out of the table.
    func removeRequest(_ key: RequestKey) -> RequestState? {
        guard let state = clients[key.client]?.removeValue(forKey: key.requestID) else { return nil }
        if clients[key.client]?.isEmpty == true { clients[key.client] = nil }
        requestCount -= 1
        return state
    }

    func sendFailure(_ code: ErrorCode, _ message: String, to key: RequestKey) {
        send(.failure(Failure(code: code, message: message, node: core.name)), to: key)
    }

    private func refuse(_ message: String, _ key: RequestKey) {
        sendFailure(.invalidArgument, message, to: key)
    }

    /// Sends a reply that ends a request outside the table. A client that has gone or does not read goes without.
    private func send(_ reply: Reply, to key: RequestKey) {
        let envelope = Envelope(requestID: key.requestID, node: core.name, body: .reply(reply))
        let message = OutgoingMessage(envelope: envelope.encoded(), tensors: [])
        _ = try? send(message, to: key.client.routingID, on: servers[key.client.server].socket)
    }
}

extension Tensor {
    /// The tensors that `descriptions` announce. Throws `invalidArgument` unless `frames` are exactly those.
    static func received(
        _ descriptions: [TensorDescription], _ frames: [Frame], isCut: Bool = false
    ) throws(ImpRAGError) -> [Tensor] {
        guard descriptions.count == frames.count, !isCut else {
            throw ImpRAGError(
                .invalidArgument,
                "the envelope announces \(descriptions.count) tensors, but \(isCut ? "more than " : "")\(frames.count) frames follow it"
            )
        }
        var tensors: [Tensor] = []
        for (index, (description, frame)) in zip(descriptions, frames).enumerated() {
            guard description.byteCount == frame.byteCount else {
                throw ImpRAGError(
                    .invalidArgument,
                    "tensor \(index) is \(description), \(description.byteCount) bytes, but its frame has \(frame.byteCount)"
                )
            }
            tensors.append(Tensor(description: description, frame: frame))
        }
        return tensors
    }
}
