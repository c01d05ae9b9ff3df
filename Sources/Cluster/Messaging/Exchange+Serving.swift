import Core
internal import Platform
internal import Wire

/// Requests: from the transport to the handlers, and replies back.
extension Exchange {
    /// Handles a message from a client: a request, or the cancel of one.
    package func received(_ message: IncomingMessage, from client: ClientKey) {
        if message.headCount <= core.limits.inlineEnvelopeBytes {
            handle(message, message.envelope(limit: core.limits.envelopeBytes), client, pause)
        } else {
            decodeElsewhere(message, client)
        }
    }

    /// Hands a large envelope to the decoding thread; the result comes back as a command.
    private func decodeElsewhere(_ message: IncomingMessage, _ client: ClientKey) {
        guard case .frames(let frame, _, _) = message else { return }
        let bytes = frame.byteCount
        let limit = core.limits.envelopeBytes
        // Too large an envelope is refused without reading it.
        guard bytes <= limit else { return handle(message, message.envelope(limit: limit), client, pause) }
        let peek = frame.withBytes { EnvelopePeek($0.extracting(first: EnvelopePeek.prefixBytes)) }
        guard let requestID = peek.requestID, peek.isReply != true else {
            let failure = DecodingFailure(
                requestID: peek.requestID, isReply: peek.isReply,
                message: "the first \(EnvelopePeek.prefixBytes) bytes of the envelope name no request_id of a request")
            return handle(message, .failure(failure), client, pause)
        }
        let key = RequestKey(client: client, requestID: requestID)
        let waiting = decoding.values.reduce(0) { $0 + $1.bytes }
        let ofClient = decoding.reduce(0) { $0 + ($1.key.client == key.client ? $1.value.bytes : 0) }
        let outbox = core.outbox
        do throws(ImpRAGError) {
            guard decoding[key] == nil else { throw Self.duplicate(key.requestID) }
            guard waiting + bytes <= core.limits.decodingBytes, ofClient + bytes <= core.limits.decodingBytesPerClient
            else {
                throw ImpRAGError(
                    .resourceExhausted,
                    "\(core.name) has \(ByteCount(waiting)) of requests to read already, \(ByteCount(ofClient)) of them from "
                        + "this connection; try again later")
            }
            try core.decoder().submit {
                _ = outbox.send(.decoded(key, message, message.envelope(limit: limit)))
            }
        } catch {
            core.count(\.refused)
            return sendFailure(error.code, error.message, to: key)
        }
        decoding[key] = Decoding(bytes: bytes, pause: pause)
    }

    /// A large envelope has been decoded.
    func finishDecoding(
        _ key: RequestKey, _ message: IncomingMessage, _ result: Result<Envelope, DecodingFailure>
    ) {
        guard let decoding = decoding.removeValue(forKey: key), !decoding.isCancelled else { return }
        handle(message, result, key.client, decoding.pause)
    }

    private func handle(
        _ message: IncomingMessage, _ result: Result<Envelope, DecodingFailure>, _ client: ClientKey, _ pause: Duration
    ) {
        let envelope: Envelope
        switch result {
        case .success(let read): envelope = read
        case .failure(let failure):
            core.count(\.malformed)
            // A reply is never answered: two nodes could go on forever.
            if failure.isReply != true {
                refuse(failure.message, RequestKey(client: client, requestID: failure.requestID ?? 0))
            }
            return
        }
        guard case .request(let request) = envelope.body else {
            core.count(\.malformed)
            return
        }
        let key = RequestKey(client: client, requestID: envelope.requestID)
        serve(message, envelope, request, key, pause)
    }

    private func serve(
        _ message: IncomingMessage, _ envelope: Envelope, _ request: Request, _ key: RequestKey, _ pause: Duration
    ) {
        switch request {
        case .cancel:
            decoding[key]?.isCancelled = true
            if let state = removeRequest(key) {
                core.count(\.cancelled)
                state.cancel()
            }
        default:
            do throws(ImpRAGError) {
                // At each message, because a key may be revoked while its connection stands.
                let caller = try core.transport.caller(of: key.client)
                if case .ping = request {
                    send(.ping, to: key)
                } else {
                    try accept(envelope, request, try message.tensors(envelope.tensors), key, caller, pause)
                }
            } catch {
                switch error.code {
                case .resourceExhausted, .unavailable: core.count(\.refused)
                case .unauthenticated: core.count(\.unauthenticated)
                default: core.count(\.malformed)
                }
                sendFailure(error.code, error.message, to: key)
            }
        }
    }

    private static func duplicate(_ requestID: UInt64) -> ImpRAGError {
        ImpRAGError(
            .invalidArgument, "request_id \(requestID) belongs to another request of this connection in flight")
    }

    private func accept(
        _ envelope: Envelope, _ request: Request, _ tensors: [Tensor], _ key: RequestKey, _ caller: Caller,
        _ pause: Duration
    ) throws(ImpRAGError) {
        guard envelope.requestID != 0 else {
            throw ImpRAGError(.invalidArgument, "request_id is 0; choose another number for each request in flight")
        }
        guard envelope.deadlineMilliseconds > 0 else {
            throw ImpRAGError(
                .invalidArgument, "deadline_ms is 0; every request says how many milliseconds its caller will wait")
        }
        if let entry = clients[key.client]?[key.requestID] {
            // A duplicate of the same message gets no answer of its own.
            guard entry.body == request else { throw Self.duplicate(key.requestID) }
            return core.count(\.doubled)
        }
        // Nodes never reuse a request id; clients may, once it is free.
        guard envelope.node.isEmpty || !ended.contains(key) else { return core.count(\.doubled) }
        guard requestCount < core.limits.requests else {
            throw ImpRAGError(
                .resourceExhausted, "\(core.name) already works on \(requestCount) requests, its limit; try again later"
            )
        }
        let given = min(Int(envelope.deadlineMilliseconds), core.limits.deadlineMilliseconds)
        // Nobody may be waiting any more for what arrived while this process was paused. A status says that it is back.
        let milliseconds = request == .status ? given : given - Int(pause / .milliseconds(1))
        guard milliseconds > 0 else {
            throw ImpRAGError(
                .unavailable,
                "\(core.name) was paused for \(given - milliseconds) ms, and this request may be older than its deadline of "
                    + "\(given) ms; ask again")
        }
        let state = RequestState()
        clients[key.client, default: [:]][key.requestID] = Entry(state: state, body: request)
        requestCount += 1
        core.count(\.requests)
        let deadline = Deadline.after(milliseconds: milliseconds, on: clock)
        timers.add(.request(key), at: deadline.instant)
        let cameAlone = !isBusy
        isBusy = true
        handlers[key.client.server]?(
            IncomingRequest(
                envelope, request: request, tensors: tensors, deadline: deadline, key: key, caller: caller,
                cameAlone: cameAlone, state: state, core: core))
    }

    func sendReply(_ message: OutgoingMessage, to key: RequestKey, isLast: Bool) {
        // Cancelled meanwhile: the client no longer waits, or is about to be told.
        guard let entry = clients[key.client]?[key.requestID], !entry.isBroken else { return }
        switch transport.send(message, to: key.client) {
        case .sent:
            if isLast { _ = removeRequest(key) }
        case .full:
            // The client does not read; without this reply the rest makes no sense.
            core.count(\.abandoned)
            clients[key.client]?[key.requestID]?.isBroken = true
            entry.state.cancel()
            timers.add(.lastWord(key), at: clock.now + Self.lastWordInterval)
        case .unreachable:
            core.count(\.abandoned)
            let requests = clients.removeValue(forKey: key.client) ?? [:]
            requestCount -= requests.count
            for entry in requests.values { entry.state.cancel() }
        }
    }

    /// Tells a client that did not read its replies that there will be no more, as soon as it reads again.
    func sayLastWord(to key: RequestKey) {
        guard clients[key.client]?[key.requestID] != nil else { return }
        let failure = Failure(
            code: .resourceExhausted, message: "the replies of \(core.name) were not read in time", node: core.name)
        if send(.failure(failure), to: key) == .full {
            timers.add(.lastWord(key), at: clock.now + Self.lastWordInterval)
        } else {
            _ = removeRequest(key)
        }
    }

    private static let lastWordInterval = Duration.milliseconds(50)

    /// The deadline of a request has passed: tells its client and stops the work.
    func expireRequest(_ key: RequestKey) {
        guard let state = removeRequest(key) else { return }
        core.count(\.expired)
        state.cancel()
        sendFailure(.deadlineExceeded, "\(core.name) did not finish before the deadline", to: key)
    }

    /// A reply found no room in the queue: without it the rest makes no sense, so the request ends.
    func dropRequest(_ key: RequestKey) {
        guard removeRequest(key) != nil else { return }
        core.count(\.abandoned)
        sendFailure(.resourceExhausted, "too many replies wait to be sent by \(core.name)", to: key)
    }

    /// Removes a request from the table.
    func removeRequest(_ key: RequestKey) -> RequestState? {
        guard let entry = clients[key.client]?.removeValue(forKey: key.requestID) else { return nil }
        if clients[key.client]?.isEmpty == true { clients[key.client] = nil }
        requestCount -= 1
        ended.insert(key)
        return entry.state
    }

    func sendFailure(_ code: ErrorCode, _ message: String, to key: RequestKey) {
        send(.failure(Failure(code: code, message: message, node: core.name)), to: key)
    }

    private func refuse(_ message: String, _ key: RequestKey) {
        sendFailure(.invalidArgument, message, to: key)
    }

    /// Sends a reply that is none of a handler's.
    @discardableResult
    private func send(_ reply: Reply, to key: RequestKey) -> Delivery {
        let envelope = Envelope(requestID: key.requestID, node: core.name, body: .reply(reply))
        return transport.send(OutgoingMessage(envelope, for: core.transport), to: key.client)
    }
}
