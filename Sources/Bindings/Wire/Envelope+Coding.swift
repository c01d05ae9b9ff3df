import CWire
import Core

extension Envelope {
    /// The protobuf bytes.
    public func encoded() -> [UInt8] {
        // The pointers do not keep the arena alive, and the optimizer may end an object after its last use.
        withExtendedLifetime(Arena(budget: .max)) { arena in
            let stored = unsafe store(in: arena)
            let size = unsafe imprag__envelope__get_packed_size(stored)
            return unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
                unsafe count = imprag__envelope__pack(stored, buffer.baseAddress)
            }
        }
    }

    /// Reads and checks an envelope.
    ///
    /// - Parameter limit: larger envelopes are refused unread. Unpacking takes at most 16 times the size plus 256 KiB,
    ///   for the duration of this call.
    public init(decoding bytes: RawSpan, limit: Int) throws(DecodingFailure) {
        guard bytes.byteCount <= limit else {
            let peek = EnvelopePeek(bytes.extracting(first: EnvelopePeek.prefixBytes))
            throw DecodingFailure(
                requestID: peek.requestID, isReply: peek.isReply,
                message: "the envelope has \(bytes.byteCount) bytes; \(limit) are allowed")
        }
        let peek = EnvelopePeek(bytes)
        func failure(_ message: String) -> DecodingFailure {
            DecodingFailure(requestID: peek.requestID, isReply: peek.isReply, message: message)
        }
        guard let version = peek.protocolVersion else {
            throw failure("the first frame is not an envelope: it has no protocol_version")
        }
        guard version == UInt64(Self.protocolVersion) else {
            throw failure(
                "the message has protocol version \(version); this node speaks \(Self.protocolVersion)")
        }
        let result = withExtendedLifetime(Arena(budget: 256 * 1024 + 16 * bytes.byteCount)) { arena in
            unsafe bytes.withUnsafeBytes { buffer -> Result<Envelope, MalformedField> in
                guard let stored = unsafe arena.unpackEnvelope(buffer) else {
                    return .failure(
                        MalformedField(
                            arena.isTooDeep
                                ? "the envelope's messages are nested too deeply; a filter may have "
                                    + "\(Filter.depthLimit) levels"
                                : arena.isExhausted
                                    ? "the envelope has too many parts for its \(buffer.count) bytes"
                                    : "the first frame is not a protobuf envelope"))
                }
                return Result { () throws(MalformedField) in try unsafe Envelope(stored: stored) }
            }
        }
        switch result {
        case .success(let envelope): self = envelope
        case .failure(let malformed): throw failure(malformed.message)
        }
    }

    /// Reads and checks an envelope in an array.
    public init(decoding bytes: [UInt8], limit: Int = 1 << 26) throws(DecodingFailure) {
        try unsafe self.init(decoding: bytes.span.bytes, limit: limit)
    }
}

extension Envelope: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__Envelope>) throws(MalformedField) {
        let body = try unsafe Body(stored: stored)
        let stored = unsafe stored.pointee
        self.init(
            requestID: unsafe stored.request_id,
            deadlineMilliseconds: unsafe stored.deadline_ms,
            fingerprint: try unsafe checkedFingerprint(stored.fingerprint, "fingerprint"),
            tensors: try unsafe messages(
                stored.tensors, stored.n_tensors, limit: TensorDescription.countLimit, "tensors"),
            node: try unsafe checkedText(stored.node, "node"),
            more: unsafe stored.more != 0,
            replyNumber: unsafe stored.reply_number_presence_case
                == IMPRAG__ENVELOPE__REPLY_NUMBER_PRESENCE_REPLY_NUMBER ? stored.reply_number : nil,
            trace: unsafe traceContext(stored.traceparent),
            collection: try unsafe checkedText(
                stored.collection, limit: Self.collectionLimit, "collection"),
            body: body)
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__Envelope> {
        let stored = unsafe arena.make(imprag__envelope__init)
        unsafe stored.pointee.protocol_version = Self.protocolVersion
        unsafe stored.pointee.request_id = requestID
        unsafe stored.pointee.deadline_ms = deadlineMilliseconds
        unsafe stored.pointee.fingerprint = arena.bytes(of: fingerprint?.bytes ?? [])
        unsafe stored.pointee.n_tensors = tensors.count
        unsafe stored.pointee.tensors = arena.array(tensors)
        unsafe stored.pointee.node = arena.bytes(of: node)
        unsafe stored.pointee.more = more ? 1 : 0
        if let replyNumber {
            unsafe stored.pointee.reply_number_presence_case =
                IMPRAG__ENVELOPE__REPLY_NUMBER_PRESENCE_REPLY_NUMBER
            unsafe stored.pointee.reply_number = replyNumber
        }
        if let trace { unsafe stored.pointee.traceparent = arena.bytes(of: trace.description) }
        unsafe stored.pointee.collection = arena.bytes(of: collection)
        switch body {
        case .request(let request): unsafe request.store(to: stored, in: arena)
        case .reply(let reply): unsafe reply.store(to: stored, in: arena)
        }
        return unsafe stored
    }
}

extension Envelope.Body {
    /// Reads the body of an envelope.
    fileprivate init(stored: UnsafePointer<Imprag__Envelope>) throws(MalformedField) {
        let envelope = unsafe stored.pointee
        self =
            switch unsafe envelope.body_case {
            case IMPRAG__ENVELOPE__BODY_ASK: .request(.ask(try unsafe submessage(envelope.ask, "ask")))
            case IMPRAG__ENVELOPE__BODY_SEARCH: .request(.search(try unsafe submessage(envelope.search, "search")))
            case IMPRAG__ENVELOPE__BODY_STATUS: .request(.status)
            case IMPRAG__ENVELOPE__BODY_CANCEL: .request(.cancel)
            case IMPRAG__ENVELOPE__BODY_PING: .request(.ping)
            case IMPRAG__ENVELOPE__BODY_SHARD_SEARCH:
                .request(.shardSearch(try unsafe submessage(envelope.shard_search, "shard_search")))
            case IMPRAG__ENVELOPE__BODY_GENERATE:
                .request(.generate(try unsafe submessage(envelope.generate, "generate")))
            case IMPRAG__ENVELOPE__BODY_UPSERT: .request(.upsert(try unsafe submessage(envelope.upsert, "upsert")))
            case IMPRAG__ENVELOPE__BODY_DELETE: .request(.delete(try unsafe submessage(envelope.delete_, "delete")))
            case IMPRAG__ENVELOPE__BODY_FETCH_STATES:
                .request(.fetchStates(try unsafe submessage(envelope.fetch_states, "fetch_states")))
            case IMPRAG__ENVELOPE__BODY_STORE_STATES:
                .request(.storeStates(try unsafe submessage(envelope.store_states, "store_states")))
            case IMPRAG__ENVELOPE__BODY_APPLY: .request(.apply(try unsafe submessage(envelope.apply, "apply")))
            case IMPRAG__ENVELOPE__BODY_EMBED: .request(.embed(try unsafe submessage(envelope.embed, "embed")))
            case IMPRAG__ENVELOPE__BODY_FAILURE: .reply(.failure(try unsafe submessage(envelope.failure, "failure")))
            case IMPRAG__ENVELOPE__BODY_ASK_SOURCES:
                .reply(.sources(try unsafe submessage(envelope.ask_sources, "ask_sources")))
            case IMPRAG__ENVELOPE__BODY_TOKEN: .reply(.token(try unsafe submessage(envelope.token, "token")))
            case IMPRAG__ENVELOPE__BODY_ASK_DONE: .reply(.askDone(try unsafe submessage(envelope.ask_done, "ask_done")))
            case IMPRAG__ENVELOPE__BODY_SEARCH_REPLY:
                .reply(.search(try unsafe submessage(envelope.search_reply, "search_reply")))
            case IMPRAG__ENVELOPE__BODY_STATUS_REPLY:
                .reply(.status(try unsafe submessage(envelope.status_reply, "status_reply")))
            case IMPRAG__ENVELOPE__BODY_PING_REPLY: .reply(.ping)
            case IMPRAG__ENVELOPE__BODY_SHARD_SEARCH_REPLY:
                .reply(.shardSearch(try unsafe submessage(envelope.shard_search_reply, "shard_search_reply")))
            case IMPRAG__ENVELOPE__BODY_GENERATE_DONE:
                .reply(.generateDone(try unsafe submessage(envelope.generate_done, "generate_done")))
            case IMPRAG__ENVELOPE__BODY_UPSERT_REPLY:
                .reply(.upsert(try unsafe submessage(envelope.upsert_reply, "upsert_reply")))
            case IMPRAG__ENVELOPE__BODY_DELETE_REPLY:
                .reply(.delete(try unsafe submessage(envelope.delete_reply, "delete_reply")))
            case IMPRAG__ENVELOPE__BODY_FETCH_STATES_REPLY:
                .reply(.fetchStates(try unsafe submessage(envelope.fetch_states_reply, "fetch_states_reply")))
            case IMPRAG__ENVELOPE__BODY_STORE_STATES_REPLY:
                .reply(.storeStates(try unsafe submessage(envelope.store_states_reply, "store_states_reply")))
            case IMPRAG__ENVELOPE__BODY_APPLY_REPLY:
                .reply(.apply(try unsafe submessage(envelope.apply_reply, "apply_reply")))
            case IMPRAG__ENVELOPE__BODY_EMBED_REPLY:
                .reply(.embed(try unsafe submessage(envelope.embed_reply, "embed_reply")))
            default:
                throw MalformedField("the envelope has no body that protocol version \(Envelope.protocolVersion) knows")
            }
    }
}

extension Request {
    fileprivate func store(to envelope: UnsafeMutablePointer<Imprag__Envelope>, in arena: Arena) {
        switch self {
        case .ask(let ask):
            unsafe envelope.pointee.body_case = IMPRAG__ENVELOPE__BODY_ASK
            unsafe envelope.pointee.ask = ask.store(in: arena)
        case .search(let search):
            unsafe envelope.pointee.body_case = IMPRAG__ENVELOPE__BODY_SEARCH
            unsafe envelope.pointee.search = search.store(in: arena)
        case .status:
            unsafe envelope.pointee.body_case = IMPRAG__ENVELOPE__BODY_STATUS
            unsafe envelope.pointee.status = arena.make(imprag__status_request__init)
        case .cancel:
            unsafe envelope.pointee.body_case = IMPRAG__ENVELOPE__BODY_CANCEL
            unsafe envelope.pointee.cancel = arena.make(imprag__cancel_request__init)
        case .ping:
            unsafe envelope.pointee.body_case = IMPRAG__ENVELOPE__BODY_PING
            unsafe envelope.pointee.ping = arena.make(imprag__ping_request__init)
        case .shardSearch(let search):
            unsafe envelope.pointee.body_case = IMPRAG__ENVELOPE__BODY_SHARD_SEARCH
            unsafe envelope.pointee.shard_search = search.store(in: arena)
        case .generate(let generate):
            unsafe envelope.pointee.body_case = IMPRAG__ENVELOPE__BODY_GENERATE
            unsafe envelope.pointee.generate = generate.store(in: arena)
        case .upsert(let upsert):
            unsafe envelope.pointee.body_case = IMPRAG__ENVELOPE__BODY_UPSERT
            unsafe envelope.pointee.upsert = upsert.store(in: arena)
        case .delete(let delete):
            unsafe envelope.pointee.body_case = IMPRAG__ENVELOPE__BODY_DELETE
            unsafe envelope.pointee.delete_ = delete.store(in: arena)
        case .fetchStates(let fetch):
            unsafe envelope.pointee.body_case = IMPRAG__ENVELOPE__BODY_FETCH_STATES
            unsafe envelope.pointee.fetch_states = fetch.store(in: arena)
        case .storeStates(let states):
            unsafe envelope.pointee.body_case = IMPRAG__ENVELOPE__BODY_STORE_STATES
            unsafe envelope.pointee.store_states = states.store(in: arena)
        case .apply(let apply):
            unsafe envelope.pointee.body_case = IMPRAG__ENVELOPE__BODY_APPLY
            unsafe envelope.pointee.apply = apply.store(in: arena)
        case .embed(let embed):
            unsafe envelope.pointee.body_case = IMPRAG__ENVELOPE__BODY_EMBED
            unsafe envelope.pointee.embed = embed.store(in: arena)
        }
    }
}

extension Reply {
    fileprivate func store(to envelope: UnsafeMutablePointer<Imprag__Envelope>, in arena: Arena) {
        switch self {
        case .failure(let failure):
            unsafe envelope.pointee.body_case = IMPRAG__ENVELOPE__BODY_FAILURE
            unsafe envelope.pointee.failure = failure.store(in: arena)
        case .sources(let sources):
            unsafe envelope.pointee.body_case = IMPRAG__ENVELOPE__BODY_ASK_SOURCES
            unsafe envelope.pointee.ask_sources = sources.store(in: arena)
        case .token(let token):
            unsafe envelope.pointee.body_case = IMPRAG__ENVELOPE__BODY_TOKEN
            unsafe envelope.pointee.token = token.store(in: arena)
        case .askDone(let done):
            unsafe envelope.pointee.body_case = IMPRAG__ENVELOPE__BODY_ASK_DONE
            unsafe envelope.pointee.ask_done = done.store(in: arena)
        case .search(let search):
            unsafe envelope.pointee.body_case = IMPRAG__ENVELOPE__BODY_SEARCH_REPLY
            unsafe envelope.pointee.search_reply = search.store(in: arena)
        case .status(let status):
            unsafe envelope.pointee.body_case = IMPRAG__ENVELOPE__BODY_STATUS_REPLY
            unsafe envelope.pointee.status_reply = status.store(in: arena)
        case .ping:
            unsafe envelope.pointee.body_case = IMPRAG__ENVELOPE__BODY_PING_REPLY
            unsafe envelope.pointee.ping_reply = arena.make(imprag__ping_reply__init)
        case .shardSearch(let search):
            unsafe envelope.pointee.body_case = IMPRAG__ENVELOPE__BODY_SHARD_SEARCH_REPLY
            unsafe envelope.pointee.shard_search_reply = search.store(in: arena)
        case .generateDone(let done):
            unsafe envelope.pointee.body_case = IMPRAG__ENVELOPE__BODY_GENERATE_DONE
            unsafe envelope.pointee.generate_done = done.store(in: arena)
        case .upsert(let reply):
            unsafe envelope.pointee.body_case = IMPRAG__ENVELOPE__BODY_UPSERT_REPLY
            unsafe envelope.pointee.upsert_reply = reply.store(in: arena)
        case .delete(let reply):
            unsafe envelope.pointee.body_case = IMPRAG__ENVELOPE__BODY_DELETE_REPLY
            unsafe envelope.pointee.delete_reply = reply.store(in: arena)
        case .fetchStates(let reply):
            unsafe envelope.pointee.body_case = IMPRAG__ENVELOPE__BODY_FETCH_STATES_REPLY
            unsafe envelope.pointee.fetch_states_reply = reply.store(in: arena)
        case .storeStates(let reply):
            unsafe envelope.pointee.body_case = IMPRAG__ENVELOPE__BODY_STORE_STATES_REPLY
            unsafe envelope.pointee.store_states_reply = reply.store(in: arena)
        case .apply(let reply):
            unsafe envelope.pointee.body_case = IMPRAG__ENVELOPE__BODY_APPLY_REPLY
            unsafe envelope.pointee.apply_reply = reply.store(in: arena)
        case .embed(let reply):
            unsafe envelope.pointee.body_case = IMPRAG__ENVELOPE__BODY_EMBED_REPLY
            unsafe envelope.pointee.embed_reply = reply.store(in: arena)
        }
    }
}
