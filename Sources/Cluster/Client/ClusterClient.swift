public import Core
internal import Messaging
public import Wire

/// A client of a cluster: it calls the coordinator. Any thread may use it.
public final class ClusterClient: Sendable {
    private let messenger: Messenger
    private let coordinator: Peer

    /// - Parameters:
    ///   - endpoint: the coordinator's, as in `tcp://127.0.0.1:7100` or `ipc:///run/imprag/coordinator`.
    ///   - allowRemote: without it, endpoints on other machines are refused: messages are not encrypted.
    /// - Throws: `invalidArgument`, `permissionDenied`, `resourceExhausted`. If nobody listens there, the first call
    ///   fails.
    public init(endpoint: String, allowRemote: Bool = false) throws(ImpRAGError) {
        messenger = try Messenger(name: "", allowRemote: allowRemote)
        coordinator = try messenger.connect(to: endpoint, name: "coordinator")
    }

    /// Ends all calls with `unavailable` and tells the cluster to stop them. The client is unusable afterwards.
    /// Dropping the last reference does the same without waiting.
    public func close() {
        messenger.close()
    }

    /// Answers a prompt, token by token.
    ///
    /// - Parameter fingerprint: the model that must answer; nil accepts any.
    /// - Throws: also `failedPrecondition`, from the stream, when the cluster ignored the request's filter or words.
    public func ask(
        _ request: AskRequest, fingerprint: Fingerprint? = nil, deadline: Deadline
    ) throws(ImpRAGError) -> AskStream {
        AskStream(
            try coordinator.stream(.ask(request), fingerprint: fingerprint, deadline: deadline), to: request)
    }

    /// The passages that a prompt retrieves, without an answer.
    ///
    /// - Throws: also `failedPrecondition` when the cluster ignored the request's filter or words.
    public func search(
        _ request: SearchRequest, fingerprint: Fingerprint? = nil, deadline: Deadline
    ) async throws(ImpRAGError) -> SearchReply {
        let reply = try await coordinator.call(.search(request), fingerprint: fingerprint, deadline: deadline)
        guard case .search(let found) = reply.body else { throw Self.unexpected(reply, for: "search") }
        guard found.isFiltered || request.options.filter == nil else { throw Self.unfiltered(reply) }
        guard found.hasWords || request.words.mode == .off else { throw Self.wordless(reply) }
        return found
    }

    /// Inserts passages into the index, replacing those with the same ids. On return all are durable, and every search
    /// finds them. After an error some may have been written: the same call may be repeated.
    public func upsert(
        _ passages: [Passage], fingerprint: Fingerprint? = nil, deadline: Deadline
    ) async throws(ImpRAGError) -> UpsertReply {
        let reply = try await coordinator.call(
            .upsert(UpsertRequest(passages: passages)), fingerprint: fingerprint, deadline: deadline)
        guard case .upsert(let done) = reply.body else { throw Self.unexpected(reply, for: "upsert") }
        return done
    }

    /// Deletes passages from the index; unknown ids are no error. On return that is durable, and no search finds them.
    /// After an error some may be deleted: the same call may be repeated.
    ///
    /// - Returns: how many were there.
    public func delete(ids: [String], deadline: Deadline) async throws(ImpRAGError) -> Int {
        let reply = try await coordinator.call(.delete(DeleteRequest(ids: ids)), deadline: deadline)
        guard case .delete(let done) = reply.body else { throw Self.unexpected(reply, for: "delete") }
        return done.deleted
    }

    /// The status of every node of the cluster.
    public func status(deadline: Deadline) async throws(ImpRAGError) -> [NodeStatus] {
        let reply = try await coordinator.call(.status, deadline: deadline)
        guard case .status(let status) = reply.body else { throw Self.unexpected(reply, for: "status") }
        return status.nodes
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

    static func unexpected(_ reply: IncomingReply, for request: String) -> ImpRAGError {
        ImpRAGError(
            .failedPrecondition,
            "\(reply.node.isEmpty ? "the peer" : reply.node) answered \(request) with \(reply.body.name); it does not speak this protocol"
        )
    }
}
