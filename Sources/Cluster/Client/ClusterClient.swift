public import Core
internal import Messaging
public import Wire

/// A client of a cluster: it calls a coordinator. Any thread may use it.
///
/// With several coordinators it goes to the next one when one cannot be reached, is lost, is `unavailable`, or answers
/// neither the request nor a ping. An answer that had begun goes on where it was. An update that is sent twice by that
/// has one key, and is committed once.
public final class ClusterClient: Sendable {
    let messenger: Messenger
    let coordinators: Coordinators

    /// How long one coordinator among several has to accept a connection. One that refuses is passed over at once.
    private static let connectMilliseconds = 500

    /// - Parameters:
    ///   - endpoints: the coordinators', as in `tcp://127.0.0.1:7100` or `ipc:///run/imprag/coordinator`; the first one
    ///     is asked until another one has answered in its place.
    ///   - collection: the one that must answer, by its name or an alias of it; empty: whatever the coordinators serve.
    ///     Those of several collections may be among the endpoints: requests go to one that serves it.
    ///   - keyFile: the path of the client's key file, as `imprag keys create` made it; without one, only coordinators
    ///     of this machine can be called, unless they take keys too.
    ///   - trace: what the requests belong to, and the span that causes them.
    /// - Throws: `invalidArgument`, `permissionDenied`, `resourceExhausted`; what is wrong with the key file. If nobody
    ///   listens there, the first call fails; with `unauthenticated` if the key is not let in.
    public init(
        endpoints: [String], collection: String = "", keyFile: String? = nil, trace: TraceContext? = nil
    ) throws(ImpRAGError) {
        try Self.check(collection)
        guard !endpoints.isEmpty, Set(endpoints).count == endpoints.count else {
            throw ImpRAGError(
                .invalidArgument,
                "the coordinators' endpoints are \(endpoints.isEmpty ? "none" : endpoints.joined(separator: ", ")); at least "
                    + "one, and each once, is right")
        }
        var limits = MessagingLimits()
        if endpoints.count > 1 {
            limits.connectMilliseconds = Self.connectMilliseconds
            limits.waitsForListener = false
        }
        let keys = try keyFile.map { path throws(ImpRAGError) in MessengerKeys(client: try KeyFile(path: path)) }
        messenger = try Messenger(name: "", keys: keys, limits: limits)
        var peers: [Peer] = []
        for endpoint in endpoints { peers.append(try messenger.connect(to: endpoint, name: "coordinator")) }
        coordinators = Coordinators(peers, collection: collection, trace: trace)
    }

    init(_ messenger: Messenger, _ coordinators: Coordinators) {
        self.messenger = messenger
        self.coordinators = coordinators
    }

    /// The same with one coordinator.
    public convenience init(endpoint: String, keyFile: String? = nil) throws(ImpRAGError) {
        try self.init(endpoints: [endpoint], keyFile: keyFile)
    }

    /// Ends all calls with `unavailable` and tells the cluster to stop them. The client is unusable afterwards.
    /// Dropping the last reference does the same without waiting.
    public func close() {
        messenger.close()
    }

    /// Answers a prompt, token by token.
    ///
    /// - Parameter fingerprint: the model that must answer; nil accepts any.
    /// A coordinator that is lost in the middle is replaced by another one; without a seed in the request one is drawn
    /// here, so that both draw the same tokens.
    ///
    /// - Throws: also, from the stream, `failedPrecondition` when the cluster ignored the request's filter or words,
    ///   and `unavailable` when the other coordinator answers differently, because passages have changed meanwhile.
    public func ask(
        _ request: AskRequest, fingerprint: Fingerprint? = nil, deadline: Deadline
    ) throws(ImpRAGError) -> AskStream {
        var request = request
        if request.sampling.temperature > 0, request.sampling.seed == nil {
            request.sampling.seed = .random(in: 0...(.max))
        }
        return AskStream(
            try coordinators.stream(.ask(request), fingerprint: fingerprint, deadline: deadline), to: request)
    }

    /// The passages that a prompt retrieves, without an answer.
    ///
    /// - Throws: also `failedPrecondition` when the cluster ignored the request's filter or words.
    public func search(
        _ request: SearchRequest, fingerprint: Fingerprint? = nil, deadline: Deadline
    ) async throws(ImpRAGError) -> SearchReply {
        let reply = try await coordinators.call(.search(request), fingerprint: fingerprint, deadline: deadline)
        guard case .search(let found) = reply.body else { throw Self.unexpected(reply, for: "search") }
        guard found.isFiltered || request.options.filter == nil else { throw Self.unfiltered(reply) }
        guard found.hasWords || request.words.mode == .off else { throw Self.wordless(reply) }
        return found
    }

    /// Commits passages to the collection's log, replacing those with the same ids: all in one epoch, which the reply
    /// names. On return that is durable, and what `wait` says has happened.
    ///
    /// - Parameters:
    ///   - key: names the update: whoever repeats it after an error hands over the same, and it is committed once.
    ///   - fingerprint: the model that must embed them; nil accepts any.
    /// - Throws: also `failedPrecondition` when the cluster did not wait as asked. After an error the update may be in
    ///   the log or not: the same call, with the same key, may be repeated.
    public func upsert(
        _ passages: [Passage], wait: UpdateWait = .durable, key: UpdateKey = .random(), fingerprint: Fingerprint? = nil,
        deadline: Deadline
    ) async throws(ImpRAGError) -> UpsertReply {
        let reply = try await coordinators.call(
            .upsert(UpsertRequest(passages: passages, wait: wait, key: key)), fingerprint: fingerprint,
            deadline: deadline)
        guard case .upsert(let done) = reply.body else { throw Self.unexpected(reply, for: "upsert") }
        guard done.found || wait == .durable else { throw Self.unawaited(reply) }
        return done
    }

    /// Commits the deletion of passages to the collection's log, in one epoch, which the reply names; unknown ids are
    /// no error. On return that is durable, and what `wait` says has happened.
    ///
    /// - Throws: as `upsert` does.
    public func delete(
        ids: [String], wait: UpdateWait = .durable, key: UpdateKey = .random(), deadline: Deadline
    ) async throws(ImpRAGError) -> DeleteReply {
        let request = DeleteRequest(ids: ids, wait: wait, key: key)
        let reply = try await coordinators.call(.delete(request), deadline: deadline)
        guard case .delete(let done) = reply.body else { throw Self.unexpected(reply, for: "delete") }
        guard done.found || wait == .durable else { throw Self.unawaited(reply) }
        return done
    }

    /// The status of every node of the cluster.
    public func status(deadline: Deadline) async throws(ImpRAGError) -> [NodeStatus] {
        let reply = try await coordinators.call(.status, deadline: deadline)
        guard case .status(let status) = reply.body else { throw Self.unexpected(reply, for: "status") }
        return status.nodes
    }

    /// Embeds texts, and stores nothing.
    ///
    /// - Throws: also `failedPrecondition` when another model than `fingerprint` runs there.
    public func embed(
        _ request: EmbedRequest, fingerprint: Fingerprint? = nil, deadline: Deadline
    ) async throws(ImpRAGError) -> Embeddings {
        let reply = try await coordinators.call(.embed(request), fingerprint: fingerprint, deadline: deadline)
        return try Embeddings(reply, of: request.texts.count)
    }

    /// The collections that the coordinators serve, each once, by name: of every coordinator that answers in time, not
    /// only of the one that is asked first.
    ///
    /// - Throws: what the first coordinator did when none answers.
    public func collections(deadline: Deadline) async throws(ImpRAGError) -> [CollectionStatus] {
        let answers = await withTaskGroup(of: (place: Int, status: Result<IncomingReply, ImpRAGError>).self) { group in
            for (place, peer) in coordinators.peers.enumerated() {
                group.addTask { (place, await Self.status(of: peer, deadline: deadline)) }
            }
            var answers: [(place: Int, status: Result<IncomingReply, ImpRAGError>)] = []
            for await answer in group { answers.append(answer) }
            return answers.sorted { $0.place < $1.place }.map(\.status)
        }
        var found: [ByteString: CollectionStatus] = [:]
        for case .success(let reply) in answers {
            guard case .status(let status) = reply.body, let collection = CollectionStatus(status.nodes) else {
                continue
            }
            // The first coordinator's word counts, unless it is loading yet.
            if found[ByteString(collection.name)]?.fingerprint == nil {
                found[ByteString(collection.name)] = collection
            }
        }
        if found.isEmpty, case .failure(let error)? = answers.first { throw error }
        return found.values.sorted { $0.name < $1.name }
    }

    private static func status(
        of peer: Peer, deadline: Deadline
    ) async -> Result<IncomingReply, ImpRAGError> {
        do throws(ImpRAGError) {
            return .success(try await peer.call(.status, deadline: deadline))
        } catch {
            return .failure(error)
        }
    }

    static func unfiltered(_ reply: IncomingReply) -> ImpRAGError {
        ImpRAGError(
            .failedPrecondition,
            "\(reply.node.isEmpty ? "the peer" : reply.node) ignored the filter: it is of a version without filters; update it"
        )
    }

    static func wordless(_ reply: IncomingReply) -> ImpRAGError {
        ImpRAGError(
            .failedPrecondition,
            "\(reply.node.isEmpty ? "the peer" : reply.node) ignored the words: it is of a version without them; update it, or "
                + "search with words off")
    }

    static func answering(_ reply: IncomingReply) -> ImpRAGError {
        ImpRAGError(
            .failedPrecondition,
            "\(reply.node.isEmpty ? "the peer" : reply.node) did not look for reasons to abstain: it is of a version without "
                + "that; update it, or ask without abstaining")
    }

    static func unawaited(_ reply: IncomingReply) -> ImpRAGError {
        ImpRAGError(
            .failedPrecondition,
            "\(reply.node.isEmpty ? "the peer" : reply.node) did not wait until the update is found: it is of a version "
                + "without that; update it")
    }

    static func unexpected(_ reply: IncomingReply, for request: String) -> ImpRAGError {
        ImpRAGError(
            .failedPrecondition,
            "\(reply.node.isEmpty ? "the peer" : reply.node) answered \(request) with \(reply.body.name); it does not speak this protocol"
        )
    }
}
